/**
 * Python's syntax tree, after the `ast` module of Python 3.14, with offsets.
 * A statement that does not parse is `broken`; the rest of the file stands.
 */
export interface Located {
  /** UTF-16 offsets into the file's text. */
  readonly start: number;
  readonly end: number;
}

export type Expression =
  | Name
  | Constant
  | FormattedString
  | Sequence
  | DictDisplay
  | Unary
  | Binary
  | BooleanOperation
  | Compare
  | Conditional
  | Lambda
  | Call
  | Attribute
  | Subscript
  | Slice
  | Starred
  | Comprehension
  | Named
  | Yield
  | Await;

export interface Name extends Located {
  readonly kind: "name";
  readonly id: string;
}

/** `int` is a bigint, `float` a number, `bytes` an object, `...` a symbol of its own. */
export interface Constant extends Located {
  readonly kind: "constant";
  readonly value: null | boolean | bigint | number | string | { readonly bytes: string } | { readonly ellipsis: true };
  /** `\N{…}` that stands in it: who reads it does not know that character. */
  readonly character?: string;
}

export interface FormattedString extends Located {
  readonly kind: "formatted";
  readonly parts: readonly (string | Replacement)[];
  /** As of a constant. */
  readonly character?: string;
}

/** `{expression!conversion:spec}` of an f-string. */
export interface Replacement {
  readonly expression: Expression;
  readonly conversion?: "r" | "s" | "a";
  readonly spec?: readonly (string | Replacement)[];
}

export interface Sequence extends Located {
  readonly kind: "tuple" | "list" | "set";
  readonly elements: readonly Expression[];
}

export interface DictDisplay extends Located {
  readonly kind: "dict";
  /** Without a key: `**value`. */
  readonly entries: readonly { readonly key?: Expression; readonly value: Expression }[];
}

export interface Unary extends Located {
  readonly kind: "unary";
  readonly operator: "not" | "-" | "+" | "~";
  readonly operand: Expression;
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "@" | "<<" | ">>" | "&" | "|" | "^";

export interface Binary extends Located {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface BooleanOperation extends Located {
  readonly kind: "boolean";
  readonly operator: "and" | "or";
  readonly operands: readonly Expression[];
}

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "is" | "is not";

export interface Compare extends Located {
  readonly kind: "compare";
  readonly left: Expression;
  readonly rest: readonly { readonly operator: CompareOperator; readonly right: Expression }[];
}

export interface Conditional extends Located {
  readonly kind: "conditional";
  readonly test: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface Lambda extends Located {
  readonly kind: "lambda";
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
}

export interface Parameter extends Located {
  readonly name: string;
  readonly nameEnd: number;
  readonly form: "positional" | "regular" | "keyword" | "args" | "kwargs";
  readonly annotation?: Expression;
  readonly defaultValue?: Expression;
}

export interface Call extends Located {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export interface Argument extends Located {
  readonly form: "plain" | "keyword" | "args" | "kwargs";
  readonly name?: string;
  readonly value: Expression;
}

export interface Attribute extends Located {
  readonly kind: "attribute";
  readonly object: Expression;
  readonly name: string;
}

export interface Subscript extends Located {
  readonly kind: "subscript";
  readonly object: Expression;
  readonly index: Expression;
}

export interface Slice extends Located {
  readonly kind: "slice";
  readonly lower?: Expression;
  readonly upper?: Expression;
  readonly step?: Expression;
}

export interface Starred extends Located {
  readonly kind: "starred";
  readonly value: Expression;
}

export interface Comprehension extends Located {
  readonly kind: "comprehension";
  readonly form: "list" | "set" | "dict" | "generator";
  readonly element: Expression;
  /** Of a dict. */
  readonly value?: Expression;
  readonly clauses: readonly {
    readonly target: Expression;
    readonly iterable: Expression;
    readonly conditions: readonly Expression[];
  }[];
}

export interface Named extends Located {
  readonly kind: "named";
  readonly target: Name;
  readonly value: Expression;
}

export interface Yield extends Located {
  readonly kind: "yield";
  readonly from: boolean;
  readonly value?: Expression;
}

export interface Await extends Located {
  readonly kind: "await";
  readonly value: Expression;
}

export type Statement =
  | (Located & { readonly kind: "expression"; readonly value: Expression })
  | (Located & { readonly kind: "assign"; readonly targets: readonly Expression[]; readonly value: Expression })
  | (Located & {
      readonly kind: "annotated";
      readonly target: Expression;
      readonly annotation: Expression;
      readonly value?: Expression;
    })
  | (Located & {
      readonly kind: "augmented";
      readonly target: Expression;
      readonly operator: BinaryOperator;
      readonly value: Expression;
    })
  | (Located & { readonly kind: "return"; readonly value?: Expression })
  | (Located & { readonly kind: "delete"; readonly targets: readonly Expression[] })
  | (Located & { readonly kind: "pass" | "break" | "continue" })
  | (Located & { readonly kind: "raise"; readonly exception?: Expression; readonly cause?: Expression })
  | (Located & { readonly kind: "assert"; readonly test: Expression; readonly message?: Expression })
  | (Located & { readonly kind: "global" | "nonlocal"; readonly names: readonly string[] })
  | ImportStatement
  | ImportFromStatement
  | (Located & {
      readonly kind: "if";
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    })
  | (Located & {
      readonly kind: "while";
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    })
  | (Located & {
      readonly kind: "for";
      readonly target: Expression;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    })
  | (Located & {
      readonly kind: "try";
      readonly body: readonly Statement[];
      readonly handlers: readonly {
        readonly type?: Expression;
        readonly name?: string;
        readonly body: readonly Statement[];
      }[];
      readonly otherwise: readonly Statement[];
      readonly final: readonly Statement[];
    })
  | (Located & {
      readonly kind: "with";
      readonly items: readonly { readonly context: Expression; readonly target?: Expression }[];
      readonly body: readonly Statement[];
    })
  | (Located & {
      readonly kind: "match";
      readonly subject: Expression;
      readonly cases: readonly {
        readonly pattern: Pattern;
        readonly guard?: Expression;
        readonly body: readonly Statement[];
      }[];
    })
  | FunctionDefinition
  | ClassDefinition
  /** `names` it may have been about to bind. */
  | (Located & { readonly kind: "broken"; readonly names: readonly string[] });

export interface ImportStatement extends Located {
  readonly kind: "import";
  readonly names: readonly (Located & { readonly path: readonly string[]; readonly as?: string })[];
}

export interface ImportFromStatement extends Located {
  readonly kind: "import-from";
  /** Leading dots. */
  readonly level: number;
  readonly path: readonly string[];
  readonly pathStart: number;
  readonly pathEnd: number;
  /** Empty for `*`. */
  readonly names: readonly (Located & { readonly name: string; readonly as?: string })[];
}

export interface FunctionDefinition extends Located {
  readonly kind: "function";
  readonly name: string;
  readonly nameStart: number;
  readonly parameters: readonly Parameter[];
  readonly returns?: Expression;
  readonly body: readonly Statement[];
  readonly decorators: readonly Expression[];
  readonly async: boolean;
  readonly generator: boolean;
  /** Of the first line (its first decorator's), where `inspect.getsource` starts. */
  readonly firstLine: number;
  /** After the last line that `inspect.getsource` gives, its line break included. */
  readonly lastLineEnd: number;
}

export interface ClassDefinition extends Located {
  readonly kind: "class";
  readonly name: string;
  readonly nameStart: number;
  readonly arguments: readonly Argument[];
  readonly body: readonly Statement[];
  readonly decorators: readonly Expression[];
  /** As of a function. */
  readonly firstLine: number;
  readonly lastLineEnd: number;
}

export type Pattern =
  | { readonly kind: "value"; readonly value: Expression }
  | { readonly kind: "capture"; readonly name: string | undefined }
  | { readonly kind: "or"; readonly options: readonly Pattern[] }
  | { readonly kind: "as"; readonly pattern: Pattern; readonly name: string }
  | { readonly kind: "sequence"; readonly items: readonly Pattern[] }
  | { readonly kind: "star"; readonly name: string | undefined }
  | {
      readonly kind: "mapping";
      readonly entries: readonly { readonly key: Expression; readonly pattern: Pattern }[];
      readonly rest?: string;
    }
  | {
      readonly kind: "class";
      readonly type: Expression;
      readonly positional: readonly Pattern[];
      readonly keywords: readonly { readonly name: string; readonly pattern: Pattern }[];
    };

export interface Module {
  readonly body: readonly Statement[];
  readonly problems: readonly (Located & {
    readonly message: string;
    /** Where the statement of the outermost block begins in the reading of which it came up. */
    readonly statement: number;
  })[];
}
