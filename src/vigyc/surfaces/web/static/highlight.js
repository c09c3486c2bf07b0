// From the text of a program to its tokens: tatara-lisp, Python or JSON, as [kind, text]; kind "" is plain.
const FORMS = new Set("quote quasiquote if cond when unless let let* letrec lambda define set! begin and or not try catch delay eval provide require else defmacro define-macro macroexpand macroexpand-1 do case named-let".split(" "));
const LISP = new RegExp([
  String.raw`(?<comment>;[^\n]*|#\|[\s\S]*?(?:\|#|$))`,
  String.raw`(?<string>"(?:[^"\\]|\\[\s\S])*(?:"|$))`,
  String.raw`(?<number>[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?=[\s()\[\]{}"';]|$))`,
  String.raw`(?<constant>#t|#f|#true|#false|(?<![^\s()])nil(?![^\s()]))`,
  String.raw`(?<keyword>:[^\s()\[\]{}"';]+)`,
  String.raw`(?<paren>[()\[\]{}])`,
  String.raw`(?<symbol>[^\s()\[\]{}"';,${"`"}]+)`,
  String.raw`(?<plain>[\s\S])`,
].join("|"), "gu");
const PYTHON = new RegExp([
  String.raw`(?<comment>#[^\n]*)`,
  String.raw`(?<string>[rbf]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))`,
  String.raw`(?<form>\b(?:def|return|if|elif|else|while|for|in|is|not|and|or|try|except|finally|raise|pass|break|continue|lambda|global|nonlocal|del|assert|with|as)\b)`,
  String.raw`(?<constant>\b(?:None|True|False)\b)`,
  String.raw`(?<number>\b\d[\w.]*)`,
  String.raw`(?<plain>\w+|[\s\S])`,
].join("|"), "gu");
const JSON_ = /(?<keyword>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\]|\\.)*"?)|(?<constant>\b(?:true|false|null)\b)|(?<number>-?\d[\d.eE+-]*)|(?<plain>[\s\S])/gu;
const GRAMMARS = { lisp: LISP, python: PYTHON, json: JSON_ };

/** The tokens of `text`, which they make up. */
export function tokens(text, language) {
  const found = [];
  let opened = false;
  for (const match of text.matchAll(GRAMMARS[language])) {
    const kind = kindOf(match.groups);
    const told = kind === "symbol" ? symbolKind(match[0], opened) : kind === "plain" ? "" : kind;
    if (told === "" && found.length && found.at(-1)[0] === "") found.at(-1)[1] += match[0];
    else found.push([told, match[0]]);
    opened = match[0] === "(";
  }
  return found;
}

function kindOf(groups) {
  for (const kind in groups) if (groups[kind] !== undefined) return kind;
  return "plain";
}

function symbolKind(name, first) {
  if (first && FORMS.has(name)) return "form";
  if (name.startsWith("vigy-")) return "vigy";
  return first ? "call" : "";
}
