import type { ModelChoice } from "@openclaw-gateway/protocol";
import {
  type AgentRuntimeConfig,
  type ModelConfig,
  type ProviderApi,
  providerApis,
  type ProviderConfig,
  revealSecret,
  type SecretText,
} from "../config.ts";
import { demoModel } from "../demo/demo-model.ts";
import { readBaseAddress } from "./base-address.ts";
import { type Environment, firstSet, keyVariablesOf, knownProviders } from "./environment.ts";
import type { KnownModel } from "./known-models.ts";
import { type Model, modelName, parseModelName, type Provider } from "./model.ts";

export type Catalogue = {
  choices: readonly ModelChoice[];
  /** Whether any provider can be asked; without one everything goes to the demo. */
  hasProvider: boolean;
  /** `provider/id` of what is used when nothing is chosen. */
  defaultModel: string;
  /** By `provider/id`, by alias, or by an id that only one provider has. Models beyond the list are passed on as they are. */
  find(name: string): Model | undefined;
  /** The listed model that a name means; what only would be passed on is none. */
  findListed(name: string): Model | undefined;
  /** Why a model cannot be found. */
  explainMissing(name: string): string;
};

export function createCatalogue(
  config: AgentRuntimeConfig,
  environment: Environment,
  warn: (message: string) => void,
): Catalogue {
  const providers = new Map<string, Provider>();
  const models: Model[] = [];

  const addProvider = (id: string, configured: ProviderConfig | undefined): void => {
    const known = knownProviders.find((each) => each.id === id);
    const api = configured?.api ?? known?.api ?? "openai-completions";
    if (!isProviderApi(api)) return warn(`models.providers.${id}: unknown api "${api}"; the provider is not used`);
    const given = configured?.baseUrl ?? (known && (firstSet(environment, known.baseUrlVariables) ?? known.baseUrl));
    if (!given) return warn(`models.providers.${id}: no baseUrl; the provider is not used`);
    const key = nonEmpty(configured?.apiKey) ?? firstSet(environment, keyVariablesOf(id));
    // A provider of ours wants a key; a server of the user's may want none.
    if (key === undefined && known && !configured?.baseUrl) return;
    const address = readBaseAddress(given, api);
    if (!address) return warn(`models.providers.${id}: baseUrl is not an http address; the provider is not used`);
    const { baseUrl, authorization } = address;
    const headers = {
      ...(authorization !== undefined && key === undefined && { authorization }),
      ...defined(configured?.headers),
    };
    const provider: Provider = { id, api, baseUrl, key, headers };
    providers.set(id, provider);
    const list = configured?.models?.length ? configured.models.map(fromConfig) : (known?.models ?? []).map(fromKnown);
    models.push(...list.map((model) => ({ ...model, ref: { provider: id, id: model.id }, api, provider })));
  };

  for (const [id, configured] of Object.entries(config.models?.providers ?? {})) addProvider(id, configured ?? {});
  for (const { id } of knownProviders) if (!config.models?.providers?.[id]) addProvider(id, undefined);

  const byName = new Map(models.map((model) => [modelName(model.ref), model]));
  const byAlias = new Map(
    Object.entries(config.agents?.defaults?.models ?? {}).flatMap(([name, entry]) =>
      entry?.alias ? [[entry.alias.toLowerCase(), name]] : [],
    ),
  );
  const hasProvider = providers.size > 0;

  const meantBy = (name: string): string => byAlias.get(name.toLowerCase()) ?? name;

  function findListed(name: string): Model | undefined {
    const full = meantBy(name);
    if (full === modelName(demoModel.ref)) return demoModel;
    const listed = byName.get(full);
    if (listed) return listed;
    const withId = models.filter((model) => model.ref.id === full);
    return withId.length === 1 ? withId[0] : undefined;
  }

  function find(name: string): Model | undefined {
    const listed = findListed(name);
    if (listed) return listed;
    const full = meantBy(name);
    const ref = parseModelName(full);
    const provider = providers.get(ref.provider);
    if (!provider || ref.id === "") return undefined;
    return { ...fromConfig({ id: ref.id }), ref, api: provider.api, provider };
  }

  return {
    choices: (hasProvider ? models : [demoModel]).map(toChoice),
    hasProvider,
    defaultModel: modelName((models[0] ?? demoModel).ref),
    find,
    findListed,
    explainMissing: (name) => {
      const id = parseModelName(name).provider;
      if (id === "" || providers.has(id)) return `unknown model: ${name}`;
      const [variable] = keyVariablesOf(id);
      return `no provider "${id}" for model ${name}: set models.providers.${id} in openclaw.json, or ${variable} in the environment`;
    },
  };
}

type UnplacedModel = Omit<Model, "ref" | "api" | "provider"> & { id: string };

function fromConfig(model: ModelConfig): UnplacedModel {
  return {
    id: model.id,
    name: model.name ?? model.id,
    contextWindow: model.contextWindow,
    maxTokens: model.maxTokens,
    isReasoning: model.reasoning ?? false,
    takesImages: model.input?.includes("image") ?? false,
    price: model.cost ?? {},
  };
}

function fromKnown(model: KnownModel): UnplacedModel {
  return fromConfig({ ...model, reasoning: model.isReasoning });
}

function toChoice(model: Model): ModelChoice {
  return {
    id: model.ref.id,
    name: model.name,
    provider: model.ref.provider,
    ...(model.contextWindow !== undefined && { contextWindow: model.contextWindow }),
    reasoning: model.isReasoning,
    input: model.takesImages ? ["text", "image"] : ["text"],
    ...(model.api === "demo" && { tags: ["demo"] }),
    available: true,
  };
}

const isProviderApi = (api: string): api is ProviderApi => providerApis.some((known) => known === api);

const nonEmpty = (secret: SecretText | undefined): SecretText | undefined =>
  secret === undefined || revealSecret(secret).trim() === "" ? undefined : secret;

function defined(headers: ProviderConfig["headers"]): Record<string, SecretText> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
