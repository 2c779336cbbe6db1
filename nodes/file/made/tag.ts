/** Tags of files that nobody has tagged: from their names' extensions. Knows no files. */

const BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "file/image": "png jpg jpeg tif tiff webp gif avif exr hdr bmp tga",
    "file/video": "mp4 mov mkv webm avi",
    "file/audio": "wav mp3 flac ogg",
    "file/geo": "bgeo geo abc obj ply usd usda usdc gltf glb fbx vdb",
    "file/text": "txt md log xml yaml yml toml",
    "file/text/csv": "csv tsv",
    "file/text/json": "json jsonl",
    "file/database/sqlite": "db sqlite sqlite3",
    "file/model/onnx": "onnx",
  }).flatMap(([tag, extensions]) => extensions.split(" ").map((extension) => [extension, tag] as const)),
);

const BY_NAME =
  "null: as its name's extension says (`file/image`, `file/video`, `file/audio`, `file/geo`, `file/text/csv` …), else `file`.";

/** The parameter that tags files; `what`: which, in words. */
export function tagSchema(what: string) {
  return {
    type: ["string", "null"],
    default: null,
    minLength: 1,
    description: `Tag of ${what}; ${BY_NAME}`,
  } as const;
}

/** The tag that is given, or that of the name. */
export function tagOf(given: string | null, name: string): string {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return given ?? BY_EXTENSION.get(extension) ?? "file";
}
