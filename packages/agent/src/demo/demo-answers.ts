/** Begins every answer of the demo. */
export const demoLabel = "**Demo answer: no model provider is configured.**";

/** How to add a provider; repeats the beginning of what was asked, so that people see it arrived. */
export function explanation(asked: string): string {
  const line = asked.trim().split("\n")[0] ?? "";
  const shown = line.length > 120 ? `${line.slice(0, 120)}…` : line;
  return `${demoLabel}
${shown === "" ? "" : `\nYour message arrived: “${shown}”. No model has read it.\n`}
To get real answers, give the gateway a model provider and start it again. Either set a key in its environment:

\`\`\`sh
export ANTHROPIC_API_KEY=…   # or OPENAI_API_KEY, GEMINI_API_KEY, OPENROUTER_API_KEY
\`\`\`

or name a provider in \`openclaw.json\`, for example any server that speaks the OpenAI form:

\`\`\`json5
{
  models: {
    providers: {
      local: {
        baseUrl: "http://127.0.0.1:11434/v1",
        api: "openai-completions", // or openai-responses, anthropic-messages, google-generative-ai
        apiKey: "\${LOCAL_API_KEY}", // leave out if the server wants none
        models: [{ id: "my-model", name: "My model", contextWindow: 32768 }],
      },
    },
  },
  agents: { defaults: { model: "local/my-model" } },
}
\`\`\`

Meanwhile you can try the rest: ask me to “read AGENTS.md” to see a tool call, or send “slow” to get an answer long enough to stop.`;
}

export function quotation(text: string, isError: boolean): string {
  if (isError) return `${demoLabel}\n\nThe \`read\` tool said: ${text}`;
  const shown = text.length > 2_000 ? `${text.slice(0, 2_000)}\n…` : text;
  // A fence longer than any in the file.
  const fence = "`".repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${demoLabel}\n\nThe file says:\n\n${fence}\n${shown}\n${fence}`;
}

/** About four hundred words; at the slow pace they take a minute. */
export function slowParagraphs(): string {
  const line = (number: number) =>
    `${number}. This is line ${number} of an answer that takes its time, so that you can stop it, reload the page, or watch it from somewhere else.`;
  return Array.from({ length: 16 }, (_, index) => line(index + 1)).join("\n\n");
}
