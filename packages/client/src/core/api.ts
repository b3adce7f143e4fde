import type { Accepted, MethodName, Params, Result } from "@openclaw-gateway/protocol";
import type { RequestOptions } from "./options.ts";

/** Options of a request; only two-phase methods have a first answer to listen for. */
export type OptionsOf<M extends MethodName> = [Accepted<M>] extends [never]
  ? Omit<RequestOptions, "onAccepted">
  : RequestOptions<Accepted<M>>;

/** `params` may be left out exactly when the schema accepts `{}`. */
export type Args<M extends MethodName> =
  {} extends Params<M> ? [params?: Params<M>, options?: OptionsOf<M>] : [params: Params<M>, options?: OptionsOf<M>];

type Segment<M extends string, P extends string> = M extends `${P}${infer R}`
  ? R extends `${infer H}.${string}`
    ? H
    : R
  : never;
type Call<M> = M extends MethodName ? (...args: Args<M>) => Promise<Result<M>> : unknown;

/** The wire names as nested members: `api.sessions.list()` is `request("sessions.list")`. */
export type Api<P extends string = ""> = {
  readonly [K in Segment<MethodName, P>]: Call<`${P}${K}`> & Api<`${P}${K}.`>;
};

/** Builds the sugar over `request`. Names that are no methods fail when called, as any unknown method. */
export function createApi(request: (method: string, ...args: unknown[]) => unknown): Api {
  const at = (path: string): unknown =>
    new Proxy(() => {}, {
      // Probed by `await` and by JSON.stringify: they must find nothing, or looking at the object sends a request.
      get: (_, key) =>
        typeof key !== "string" || key === "then" || key === "toJSON" ? undefined : at(path ? `${path}.${key}` : key),
      apply: (_, __, args: unknown[]) => request(path, ...args),
    });
  return at("") as Api;
}
