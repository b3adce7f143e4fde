import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Dispatcher, fetch, Response as Answer } from "undici";
import { OutboundError } from "./outbound-error.ts";
import { whyNotPublic } from "./public-address.ts";
import { followRedirect, type Hop } from "./redirect.ts";

export type OutboundRequest = {
  /** `http:` or `https:`, without user name and password. */
  url: string;
  /** `GET` where omitted. */
  method?: string;
  /** Sent to the origin of `url`; of a redirect elsewhere only `accept`, `accept-language` and `user-agent`. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** Of the body, after decompression. What is beyond is not read. */
  maxBytes: number;
  /** From the first byte sent to the last one read, redirects included. */
  timeoutMs: number;
  /** 5 where omitted; 0 makes every redirect an error. */
  maxRedirects?: number;
  /** Only these hosts, redirects included; `*.example.com` is every host below it. Every one where omitted. */
  onlyHosts?: readonly string[];
};

export type OutboundResponse = {
  status: number;
  /** Lower-case names. */
  headers: ReadonlyMap<string, string>;
  /** Where the answer came from, after redirects. */
  url: string;
  body: Uint8Array;
  /** The body was longer than `maxBytes`; what came after is missing. */
  truncated: boolean;
};

/**
 * The one way to ask an address that a model, a user or a document chose. A name is resolved once per connection, all its
 * addresses must be public, and the connection goes to one of those that were checked. Redirects are checked like the
 * first address. Adds no credentials of its own.
 */
export interface OutboundHttp {
  /** Throws `OutboundError`, also for what `signal` ends. Any HTTP status is an answer. */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

export type OutboundOptions = {
  /** `host` or `host:port` that may be asked although they are not public, as the operator wrote them in the configuration. */
  allowedHosts?: readonly string[];
  /** All addresses of a name; the system's resolver where omitted. */
  resolve?: Resolve;
  /** Why an IP address must not be asked; what is not public where omitted. */
  refuse?: Refuse;
};

export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: readonly LookupAddress[] | undefined) => void,
) => void;
export type Refuse = (address: string) => string | undefined;

const redirects = new Set([301, 302, 303, 307, 308]);

export function createOutboundHttp(options: OutboundOptions = {}): OutboundHttp {
  const { resolve = resolveBySystem, refuse = whyNotPublic } = options;
  const allowed = new Set(options.allowedHosts?.map((host) => host.toLowerCase()));
  let engine: Promise<Engine> | undefined;

  /** Whether the operator allowed it by name. Throws for an address that may not be asked at all. */
  function judge(url: URL): "allowed" | "checked" {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new OutboundError("refused", `only http: and https: addresses can be fetched, not ${url.protocol}`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new OutboundError("refused", "an address with a user name or password is not fetched");
    }
    if (allowed.has(url.host) || allowed.has(url.hostname)) return "allowed";
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    const refused = isIP(literal) === 0 ? undefined : refusal(literal, refuse(literal));
    if (refused) throw refused;
    return "checked";
  }

  async function open(hop: Hop, signal: AbortSignal): Promise<Answer> {
    const judged = judge(hop.url);
    engine ??= loadEngine(checkedLookup(resolve, refuse));
    const { fetch, agents } = await engine;
    return fetch(hop.url, {
      method: hop.method,
      headers: hop.headers,
      body: hop.body ?? null,
      redirect: "manual",
      dispatcher: agents[judged],
      signal,
    });
  }

  async function follow(
    first: Hop,
    left: number,
    onlyHosts: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<{ hop: Hop; answer: Answer }> {
    if (onlyHosts && !onlyHosts.some((host) => isHost(first.url.hostname, host)))
      throw new OutboundError("refused", `${first.url.hostname} is not among the hosts that may be asked`);
    const answer = await open(first, signal);
    const location = answer.headers.get("location");
    if (!redirects.has(answer.status) || location === null) return { hop: first, answer };
    await answer.body?.cancel();
    if (left === 0) throw new OutboundError("redirect", `${first.url.host} redirects too often`);
    return follow(followRedirect(first, answer.status, location), left - 1, onlyHosts, signal);
  }

  return {
    request: async ({
      url,
      method = "GET",
      headers = {},
      body,
      signal,
      maxBytes,
      timeoutMs,
      maxRedirects = 5,
      onlyHosts,
    }) => {
      if (!URL.canParse(url)) throw new OutboundError("refused", "not an address that can be fetched");
      const timeout = AbortSignal.timeout(timeoutMs);
      const until = signal ? AbortSignal.any([signal, timeout]) : timeout;
      const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const first: Hop = { url: new URL(url), method: method.toUpperCase(), headers: lowerCase, body };
      try {
        const { hop, answer } = await follow(first, maxRedirects, onlyHosts, until);
        const { bytes, truncated } = await readUpTo(answer, maxBytes);
        return {
          status: answer.status,
          headers: new Map(answer.headers),
          url: hop.url.href,
          body: bytes,
          truncated,
        };
      } catch (error) {
        throw asOutboundError(error, first.url, timeout, timeoutMs);
      }
    },
    close: async () => {
      if (!engine) return;
      const { agents } = await engine;
      await Promise.all([agents.allowed.close(), agents.checked.close()]);
    },
  };
}

function isHost(name: string, pattern: string): boolean {
  const wanted = pattern.trim().toLowerCase();
  return wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted;
}

type Engine = { fetch: typeof fetch; agents: Record<"allowed" | "checked", Dispatcher> };

/** Loaded with the first request: most gateways start without one. */
async function loadEngine(lookup: LookupFunction): Promise<Engine> {
  const undici = await import("undici");
  const { Agent } = undici;
  return { fetch: undici.fetch, agents: { allowed: new Agent(), checked: new Agent({ connect: { lookup } }) } };
}

const resolveBySystem: Resolve = (name, done) => systemLookup(name, { all: true }, done);

function whyNotConnect(name: string, addresses: readonly LookupAddress[], refuse: Refuse): OutboundError | undefined {
  if (addresses.length === 0) return new OutboundError("network", `${name} has no address`);
  return addresses.map(({ address }) => refusal(name, refuse(address))).find((error) => error !== undefined);
}

function refusal(name: string, reason: string | undefined): OutboundError | undefined {
  if (reason === undefined) return undefined;
  return new OutboundError("refused", `${name} is not on the public internet (${reason} address) and is not fetched`);
}

/** What sockets resolve names with: the addresses checked here are the ones connected to. One bad address spoils the name. */
function checkedLookup(resolve: Resolve, refuse: Refuse): LookupFunction {
  return (name, options, done) => {
    resolve(name, (failure, addresses = []) => {
      const error = failure ?? whyNotConnect(name, addresses, refuse);
      if (error) done(error, "");
      else if (options.all) done(null, [...addresses]);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

async function readUpTo(answer: Answer, maxBytes: number): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.byteLength;
    // Leaving the loop cancels the body and with it the connection.
    if (size > maxBytes) break;
  }
  return { bytes: Buffer.concat(chunks), truncated: size > maxBytes };
}

function asOutboundError(error: unknown, url: URL, timeout: AbortSignal, timeoutMs: number): OutboundError {
  const cause = firstOutboundError(error);
  if (cause) return cause;
  if (timeout.aborted) {
    return new OutboundError("timeout", `${url.host} did not answer within ${timeoutMs / 1_000} s`, { cause: error });
  }
  return new OutboundError("network", `${url.host} could not be fetched: ${messageOf(error)}`, { cause: error });
}

/** `fetch` wraps what the lookup threw, once or more. */
function firstOutboundError(error: unknown): OutboundError | undefined {
  if (error instanceof OutboundError) return error;
  return error instanceof Error && error.cause !== undefined ? firstOutboundError(error.cause) : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? messageOf(error.cause) : error.message;
}
