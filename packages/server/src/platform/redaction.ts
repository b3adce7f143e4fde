/** Endings of names under which secrets are kept, without `-`, `_` and case. `sessionKey` and `mainKey` are none. */
const secretName =
  /(?:token|password|passwd|passphrase|passcode|pwd|secret|credential|authorization|cookie|signature|bearer|jwt|serviceaccount|(?:api|private|access|secret|sign|signing|encrypt|encryption|shared|master|recovery|account|webhook|license|hmac|aes|ssh|pgp)key(?:pem)?)s?$|^pass$|^pin$/;
/** Of these even a number is a secret; a number of tokens is a limit. */
const secretNumberName = /(?:password|passwd|passphrase|passcode|pwd|secret|pin|apikey)$|^pass$/;
/** Maps whose values are for somebody else's program or server, under names of its choice. */
const opaqueMapName = /^(?:env|environment|vars|headers|cookies|extraheaders|httpheaders)$/;
/** `${NAME}` alone: says where a secret comes from, not what it is. */
const reference = /^\$\{[A-Z_][A-Z0-9_]*\}$/;

const plain = (name: string): string => name.replace(/[-_.\s]/g, "").toLowerCase();

/** True for names such as `token`, `botToken`, `API_KEY`, `client-secret`, `Authorization`. */
export const isSecretName = (name: string): boolean => secretName.test(plain(name));

/** Shapes that are secrets wherever they stand: passwords and keys in addresses, bearer tokens, keys of known makers. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/?#"'<>]*@/gi, "$1*@"],
  [
    /([?&#][\w-]{0,40}(?:token|password|passwd|secret|signature|api[-_]?key|access[-_]?key|(?<=[?&#])(?:key|sig|auth))=)[^&#\s"'<>]+/gi,
    "$1*",
  ],
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:basic|bearer|digest|token)?\s*)[^\s"',}]{4,}/gi, "$1*"],
  [/\b(bearer\s+)(?=[^\s"',]*\d)[\w.~+/=-]{8,}/gi, "$1*"],
  [/\b(ocg_)[\w-]{20,}/g, "$1*"],
  [/\b((?:sk|pk|rk)[-_])[A-Za-z0-9_-]{16,}/g, "$1*"],
  [/\b(xox[a-z]-|xapp-|gh[pousr]_|github_pat_|glpat-|hf_|AIza|ya29\.|AKIA)[\w-]{10,}/g, "$1*"],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g, "*"],
  [/\b\d{6,12}:[A-Za-z0-9_-]{30,}/g, "*"],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/gi, "$1*"],
  [/(discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/gi, "$1*"],
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, "*"],
];

/** Free text with the secrets replaced that can be told by their shape. */
export function redactText(text: string, mark: string): string {
  return shapes.reduce((now, [shape, kept]) => now.replace(shape, kept.replace("*", mark)), text);
}

/** A copy of plain data with every secret replaced: by name, at any depth, in lists and maps, in arguments and addresses. */
export function redactValue(value: unknown, mark: string): unknown {
  return redact(value, mark, "open");
}

/** What stands above: an ordinary place, a place for secrets, or one where even numbers are secret. */
type Place = "open" | "secret" | "numbers";

function redact(value: unknown, mark: string, place: Place): unknown {
  if (typeof value === "string")
    return place === "open" ? redactWords(value, mark) : value === "" || reference.test(value) ? value : mark;
  if (typeof value === "number" || typeof value === "bigint") return place === "numbers" ? mark : value;
  if (Array.isArray(value))
    return place === "open" ? redactList(value, mark) : value.map((member) => redact(member, mark, place));
  if (typeof value !== "object" || value === null) return value;
  if (place !== "open" && isSecretReference(value)) return redact(value, mark, "open");
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, redact(member, mark, placeOf(name, member, place))]),
  );
}

/** `{ source, provider, id }` says where a secret comes from, not what it is. */
function isSecretReference(value: object): boolean {
  const { source, provider = "", id, ...others }: Record<string, unknown> = { ...value };
  const isWhole = Object.keys(others).length === 0 && typeof provider === "string" && typeof id === "string";
  return isWhole && (source === "env" || source === "file" || source === "exec");
}

function placeOf(name: string, value: unknown, above: Place): Place {
  const word = plain(name);
  if (above === "numbers" || secretNumberName.test(word)) return "numbers";
  const isOpaqueMap = typeof value === "object" && value !== null && opaqueMapName.test(word);
  return above === "secret" || isOpaqueMap || secretName.test(word) ? "secret" : "open";
}

/** `--api-key=x`, `X-Api-Key: x`: a name and its value in one string; else by shape. */
function redactWords(text: string, mark: string): string {
  const pair = /^(\s*-{0,2}([\w.-]{2,60})\s*[:=]\s*)\S/.exec(text);
  return pair?.[1] !== undefined && pair[2] !== undefined && isSecretName(pair[2])
    ? `${pair[1]}${mark}`
    : redactText(text, mark);
}

/** Arguments of a command: what follows `--token` is one. */
function redactList(list: readonly unknown[], mark: string): unknown[] {
  return list.map((member, index) => {
    const before = list[index - 1];
    const flag = typeof before === "string" ? /^--?([\w-]+)$/.exec(before)?.[1] : undefined;
    const isArgument =
      flag !== undefined && isSecretName(flag) && typeof member === "string" && !member.startsWith("--");
    return redact(member, mark, isArgument ? "secret" : "open");
  });
}
