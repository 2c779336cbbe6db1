/**
 * One module of JavaScript as its top-level statements: what each declares, what it refers to, and its text without comments.
 * Knows syntax alone; which statements a function of a node type reaches, `reach` finds out.
 */
import { createRequire } from "node:module";
import type { AnyNode, ObjectExpression, Program } from "acorn";
import { OWN_PACKAGE } from "./module.js";
import { acts, declaredBy, type Mentioned, mentionedIn, nameOf } from "./syntax.js";
import { type TokenRange, Tokens } from "./tokens.js";

/** A top-level statement, or a property of the default export. */
export interface Unit extends Mentioned {
  /** Without comments, line breaks kept; of errors that are thrown, the class alone: a message decides no result. */
  readonly text: string;
  /** Where it begins in its module. */
  readonly start: number;
}

/** An export of another module. `name` is `*` for all of them. */
export interface Foreign {
  readonly specifier: string;
  readonly name: string;
}

/** A module's statements, by what leads to them. */
export interface Units {
  /** By top-level name: what declares it. */
  readonly declared: ReadonlyMap<string, Unit>;
  /** Statements that do something when the module is loaded, whoever asks for it. */
  readonly effects: readonly Unit[];
  /** By local name. */
  readonly imports: ReadonlyMap<string, Foreign>;
  /** By exported name: the local name, or the export of another module. */
  readonly exports: ReadonlyMap<string, string | Foreign>;
  /** Targets of `export * from`. */
  readonly stars: readonly string[];
  /** All that is loaded before the module, in order. */
  readonly loaded: readonly string[];
  /** By name, the functions of the node type that the module's default export is; undefined where it is not written out. */
  readonly functions: ReadonlyMap<string, Unit> | undefined;
}

/** The local name of a default export without one. */
export const DEFAULT = "*default*";

const require = createRequire(import.meta.url);

/** Reads a module. Throws a SyntaxError where it is not JavaScript. */
export function unitsOf(source: string): Units {
  const tokens: TokenRange[] = [];
  // Loaded on first use: where nothing changed, nothing is taken apart.
  const { parse } = require("acorn") as typeof import("acorn");
  const program = parse(source, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowHashBang: true,
    onToken: ({ start, end }) => tokens.push([start, end]),
  });
  return new Reading(new Tokens(source, tokens)).read(program);
}

class Reading {
  readonly #tokens: Tokens;
  readonly #declared = new Map<string, Unit>();
  readonly #effects: Unit[] = [];
  readonly #imports = new Map<string, Foreign>();
  readonly #exports = new Map<string, string | Foreign>();
  readonly #stars: string[] = [];
  readonly #loaded: string[] = [];
  /** Initial values of constants, in which a node type may be written out. */
  readonly #values = new Map<string, AnyNode>();

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  read({ body }: Program): Units {
    for (const statement of body) this.#take(statement);
    return {
      declared: this.#declared,
      effects: this.#effects,
      imports: this.#imports,
      exports: this.#exports,
      stars: this.#stars,
      loaded: this.#loaded,
      functions: this.#functions(),
    };
  }

  #take(statement: Program["body"][number]): void {
    switch (statement.type) {
      case "ImportDeclaration": {
        const specifier = String(statement.source.value);
        this.#loaded.push(specifier);
        for (const each of statement.specifiers) {
          const name =
            each.type === "ImportSpecifier"
              ? nameOf(each.imported)
              : each.type === "ImportDefaultSpecifier"
                ? "default"
                : "*";
          this.#imports.set(each.local.name, { specifier, name });
        }
        return;
      }
      case "ExportAllDeclaration": {
        const specifier = String(statement.source.value);
        this.#loaded.push(specifier);
        if (statement.exported) this.#exports.set(nameOf(statement.exported), { specifier, name: "*" });
        else this.#stars.push(specifier);
        return;
      }
      case "ExportNamedDeclaration": {
        const { declaration, source, specifiers } = statement;
        if (source) this.#loaded.push(String(source.value));
        for (const { local, exported } of specifiers) {
          const name = nameOf(local);
          this.#exports.set(nameOf(exported), source ? { specifier: String(source.value), name } : name);
        }
        if (declaration) for (const name of this.#declare(declaration)) this.#exports.set(name, name);
        return;
      }
      case "ExportDefaultDeclaration": {
        const { declaration } = statement;
        if (declaration.type === "Identifier") return void this.#exports.set("default", declaration.name);
        const named = "id" in declaration && declaration.id ? declaration.id.name : DEFAULT;
        this.#exports.set("default", named);
        this.#values.set(named, declaration);
        const unit = this.#unit(declaration);
        this.#declared.set(named, unit);
        return;
      }
      default:
        this.#declare(statement);
    }
  }

  /** Takes a declaration in, or a statement that acts. Returns the names that it declares. */
  #declare(statement: AnyNode): readonly string[] {
    const names = declaredBy(statement);
    const unit = this.#unit(statement);
    for (const name of names) this.#declared.set(name, unit);
    if (statement.type === "VariableDeclaration") {
      for (const { id, init } of statement.declarations)
        if (id.type === "Identifier" && init) this.#values.set(id.name, init);
    }
    if (names.length === 0 || this.#acts(statement)) this.#effects.push(unit);
    return names;
  }

  /** Whether loading the module does something here: to define a node type does nothing. */
  #acts(statement: AnyNode): boolean {
    if (statement.type !== "VariableDeclaration") return acts(statement);
    const defines = (init: AnyNode) => init.type === "CallExpression" && this.#nodeType(init) !== undefined;
    return statement.declarations.some(({ init }) => init && !defines(init) && acts(init));
  }

  /** The functions of `export default defineNode({ … })`, and of the like. */
  #functions(): ReadonlyMap<string, Unit> | undefined {
    const local = this.#exports.get("default");
    if (typeof local !== "string") return undefined;
    const object = this.#nodeType(this.#values.get(local));
    if (object === undefined) return undefined;
    const functions = new Map<string, Unit>();
    for (const property of object.properties) {
      if (property.type !== "Property" || property.computed) return undefined;
      const name =
        property.key.type === "Identifier"
          ? property.key.name
          : "value" in property.key
            ? String(property.key.value)
            : "";
      functions.set(name, this.#unit(property));
    }
    return functions;
  }

  #nodeType(value: AnyNode | undefined): ObjectExpression | undefined {
    if (value?.type === "ObjectExpression") return value;
    if (value?.type !== "CallExpression" || value.callee.type !== "Identifier" || value.arguments.length !== 1)
      return undefined;
    const made = this.#imports.get(value.callee.name);
    const [argument] = value.arguments;
    const defines = made?.specifier === OWN_PACKAGE && made.name === "defineNode";
    return defines && argument?.type === "ObjectExpression" ? argument : undefined;
  }

  #unit(node: AnyNode): Unit {
    const mentioned = mentionedIn(node);
    return { ...mentioned, text: this.#tokens.text(node, mentioned.messages), start: node.start };
  }
}
