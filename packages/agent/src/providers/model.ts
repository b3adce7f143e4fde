import type { ModelRef } from "@openclaw-gateway/server";
import type { PriceConfig, ProviderApi, SecretText } from "../config.ts";

/** Where models are asked. */
export type Provider = {
  id: string;
  api: ProviderApi;
  baseUrl: string;
  /** None for servers that want none. */
  key: SecretText | undefined;
  headers: Readonly<Record<string, SecretText>>;
};

export type Model = {
  ref: ModelRef;
  name: string;
  /** The HTTP dialect, or `demo` for the one that works offline. */
  api: ProviderApi | "demo";
  provider: Provider | undefined;
  contextWindow: number | undefined;
  maxTokens: number | undefined;
  isReasoning: boolean;
  takesImages: boolean;
  price: PriceConfig;
};

/** Whether it is known what the model costs; one that costs nothing says so with prices of 0. */
export const isPriced = ({ price }: Model): boolean => price.input !== undefined && price.output !== undefined;

export const modelName = ({ provider, id }: ModelRef): string => `${provider}/${id}`;

/** The provider is what stands before the first slash; ids may contain more of them. */
export function parseModelName(name: string): ModelRef {
  const slash = name.indexOf("/");
  return slash < 0 ? { provider: "", id: name } : { provider: name.slice(0, slash), id: name.slice(slash + 1) };
}
