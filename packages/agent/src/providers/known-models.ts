/** A model that is offered without configuration. Prices are left to the configuration: they change too often. */
export type KnownModel = {
  id: string;
  name: string;
  contextWindow?: number;
  input: readonly string[];
  isReasoning: boolean;
};

const model = (id: string, name: string, extra: Partial<KnownModel> = {}): KnownModel => ({
  id,
  name,
  input: ["text", "image"],
  isReasoning: true,
  ...extra,
});

export const anthropicModels = [
  model("claude-sonnet-5-5", "Claude Sonnet 5.5", { contextWindow: 200_000 }),
  model("claude-opus-5-5", "Claude Opus 5.5", { contextWindow: 200_000 }),
  model("claude-haiku-5-5", "Claude Haiku 5.5", { contextWindow: 200_000 }),
];

export const openaiModels = [
  model("gpt-6-luna", "GPT-6 Luna"),
  model("gpt-6-astra", "GPT-6 Astra"),
  model("gpt-5.4-mini", "GPT-5.4 mini"),
];

export const googleModels = [
  model("gemini-flash-latest", "Gemini Flash (latest)"),
  model("gemini-pro-latest", "Gemini Pro (latest)"),
  model("gemini-flash-lite-latest", "Gemini Flash-Lite (latest)"),
];

/** Of providers that speak the OpenAI form. */
export const otherModels = {
  openrouter: [model("openrouter/auto", "OpenRouter: chosen automatically", { isReasoning: false })],
  xai: [model("grok-4.3", "Grok 4.3")],
  mistral: [model("mistral-large-latest", "Mistral Large (latest)", { isReasoning: false })],
  groq: [model("openai/gpt-oss-120b", "gpt-oss 120B on Groq", { input: ["text"] })],
  deepseek: [
    model("deepseek-chat", "DeepSeek Chat", { input: ["text"], isReasoning: false }),
    model("deepseek-reasoner", "DeepSeek Reasoner", { input: ["text"] }),
  ],
};
