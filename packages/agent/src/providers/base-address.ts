import type { ProviderApi } from "../config.ts";

const versions: Readonly<Record<ProviderApi, string>> = {
  "anthropic-messages": "v1",
  "google-generative-ai": "v1beta",
  "openai-completions": "",
  "openai-responses": "",
};

/**
 * A base address as the provider libraries want it: with the version in it, which people write or leave out, and without
 * a name and password, which requests cannot carry in their address; they become a header. Undefined for what is no
 * HTTP address.
 */
export function readBaseAddress(
  given: string,
  api: ProviderApi,
): { baseUrl: string; authorization?: string } | undefined {
  const url = URL.parse(given);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  const { username, password } = url;
  url.username = "";
  url.password = "";
  const plain = url.href.replace(/\/+$/, "");
  const version = versions[api];
  const baseUrl = version === "" || /\/v\d+\w*$/.test(plain) ? plain : `${plain}/${version}`;
  if (username === "" && password === "") return { baseUrl };
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { baseUrl, authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
