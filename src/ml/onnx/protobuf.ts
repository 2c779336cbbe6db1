/**
 * Protocol Buffers messages as values: a message is a table of fields, and the table both writes and reads it. It knows
 * the wire format (through `@bufbuild/protobuf`), and nothing of what the messages mean.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** How one value stands on the wire, without its tag. */
export interface Codec<T> {
  readonly wireType: WireType;
  write(writer: BinaryWriter, value: T): void;
  read(reader: BinaryReader): T;
}

/** A member of a message: the value of an absent field, and how to read (merge) and write it. */
export interface Field<T> {
  readonly number: number;
  readonly absent: T;
  write(writer: BinaryWriter, value: T): void;
  merge(reader: BinaryReader, wireType: WireType, before: T): T;
}

type Fields<T> = { readonly [Key in keyof T]: Field<T[Key]> };

/** int64, where every value met is one that a number holds exactly; others make reading fail. */
export const int64: Codec<number> = {
  wireType: WireType.Varint,
  write: (writer, value) => void writer.int64(value),
  read: (reader) => {
    const value = Number(reader.int64());
    if (!Number.isSafeInteger(value)) throw new RangeError(`the integer ${value} is too large`);
    return value;
  },
};
export const float: Codec<number> = {
  wireType: WireType.Bit32,
  write: (writer, value) => void writer.float(value),
  read: (reader) => reader.float(),
};
export const double: Codec<number> = {
  wireType: WireType.Bit64,
  write: (writer, value) => void writer.double(value),
  read: (reader) => reader.double(),
};
export const string: Codec<string> = {
  wireType: WireType.LengthDelimited,
  write: (writer, value) => void writer.string(value),
  read: (reader) => reader.string(),
};
export const bytes: Codec<Uint8Array> = {
  wireType: WireType.LengthDelimited,
  write: (writer, value) => void writer.bytes(value),
  read: (reader) => reader.bytes(),
};

/** A field with one value, written only where it differs from `absent`. */
export function one<T>(number: number, codec: Codec<T>, absent: T): Field<T> {
  return {
    number,
    absent,
    write(writer, value) {
      if (value !== absent) writeTagged(writer, number, codec, value);
    },
    merge: (reader, wireType) => readChecked(reader, number, wireType, codec),
  };
}

/** A field that may be absent. */
export function optional<T>(number: number, codec: Codec<T>): Field<T | undefined> {
  return {
    number,
    absent: undefined,
    write(writer, value) {
      if (value !== undefined) writeTagged(writer, number, codec, value);
    },
    merge: (reader, wireType) => readChecked(reader, number, wireType, codec),
  };
}

/** A field with any number of values; numbers are read packed or not. */
export function many<T>(number: number, codec: Codec<T>): Field<readonly T[]> {
  return {
    number,
    absent: [],
    write(writer, values) {
      for (const value of values) writeTagged(writer, number, codec, value);
    },
    merge(reader, wireType, before) {
      // `before` is this message's own array, made by the first merge.
      const values = before.length === 0 ? [] : (before as T[]);
      const packed = wireType === WireType.LengthDelimited && codec.wireType !== WireType.LengthDelimited;
      if (packed) {
        const inner = new BinaryReader(reader.bytes());
        while (inner.pos < inner.len) values.push(codec.read(inner));
      } else values.push(readChecked(reader, number, wireType, codec));
      return values;
    },
  };
}

/** A message: as a member of another it has its length before it, on its own it has not. */
export interface Message<T> extends Codec<T> {
  writeBody(writer: BinaryWriter, value: T): void;
  readBody(reader: BinaryReader): T;
}

/** A message with these fields; unknown ones are skipped when reading. `fields` may refer to messages defined later. */
export function message<T extends object>(fields: () => Fields<T>): Message<T> {
  let table: readonly (readonly [keyof T, Field<unknown>])[] | undefined;
  const entries = () => {
    table ??= Object.entries(fields()) as [keyof T, Field<unknown>][];
    return table;
  };
  const writeBody = (writer: BinaryWriter, value: T) => {
    for (const [key, field] of entries()) field.write(writer, value[key]);
  };
  const readBody = (reader: BinaryReader) => {
    const value: Partial<Record<keyof T, unknown>> = {};
    for (const [key, field] of entries()) value[key] = field.absent;
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const entry = entries().find(([, field]) => field.number === number);
      if (entry === undefined) reader.skip(wireType, number);
      else value[entry[0]] = entry[1].merge(reader, wireType, value[entry[0]]);
    }
    return value as T;
  };
  return {
    wireType: WireType.LengthDelimited,
    writeBody,
    readBody,
    write(writer, value) {
      writer.fork();
      writeBody(writer, value);
      writer.join();
    },
    read: (reader) => readBody(new BinaryReader(reader.bytes())),
  };
}

/** The bytes of a whole message. */
export function encode<T>(message: Message<T>, value: T): Uint8Array {
  const writer = new BinaryWriter();
  message.writeBody(writer, value);
  return writer.finish();
}

/** The message that all of `data` is; byte arrays in it are views of `data`. Throws where the bytes are no such message. */
export function decode<T>(message: Message<T>, data: Uint8Array): T {
  return message.readBody(new BinaryReader(data));
}

function writeTagged<T>(writer: BinaryWriter, number: number, codec: Codec<T>, value: T): void {
  writer.tag(number, codec.wireType);
  codec.write(writer, value);
}

function readChecked<T>(reader: BinaryReader, number: number, wireType: WireType, codec: Codec<T>): T {
  if (wireType !== codec.wireType) throw new Error(`field ${number} has wire type ${wireType}, not ${codec.wireType}`);
  return codec.read(reader);
}
