import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { printJson } from "../output/json.ts";
import { formatTable } from "../output/table.ts";

/** Models a session may choose, with the one that is used when none is chosen. */
export async function listModels(context: CommandContext, options: GlobalOptions): Promise<void> {
  const [list, agents] = await withGateway(context, options, (client) =>
    Promise.all([client.request("models.list"), client.request("agents.list")]),
  );
  if (options.json) return printJson(context, list);
  const chosen = agents.agents.find(({ id }) => id === agents.defaultId)?.model?.primary;
  const { style } = context;
  context.out(
    formatTable(
      list.models,
      [
        { title: "model", cell: ({ provider, id }) => `${provider}/${id}` },
        { title: "name", cell: ({ name }) => name },
        { title: "context", align: "right", cell: ({ contextWindow }) => contextWindow?.toLocaleString("en") },
        { title: "input", cell: ({ input }) => input?.join(" ") },
        {
          title: "notes",
          cell: ({ provider, id, tags = [], available }) =>
            [
              ...(`${provider}/${id}` === chosen ? ["default"] : []),
              ...tags,
              ...(available === false ? ["unavailable"] : []),
            ].join(" "),
        },
      ],
      { width: context.width, heading: style.bold },
    ),
  );
}
