import { GatewayClient } from "@openclaw-gateway/client";
import { createAgentProvisioner, createGatewayControlPlane } from "@openclaw-gateway/client/provisioning";

const [agentId = "helper", workspace = `/tmp/openclaw-${agentId}`] = process.argv.slice(2);

// OPENCLAW_GATEWAY_URL and OPENCLAW_GATEWAY_TOKEN; agents are an administrator's concern.
const client = new GatewayClient({ scopes: ["operator.admin"] });
const provisioner = createAgentProvisioner({ controlPlane: createGatewayControlPlane({ client }) });

// Run it again: nothing is made twice, and nobody is woken twice.
const { isCreated, files, wake } = await provisioner.applyAgentLifecycle(
  {
    action: "update",
    agentId,
    name: "Helper",
    workspace,
    variables: { agent: { name: "Helper" }, team: "the board" },
    templates: {
      "IDENTITY.md": "You are {{ agent.name }}.\n",
      "AGENTS.md": "You work for {{ team }}.\n",
    },
    wake: { message: "You have been provisioned. Say hello." },
  },
  { onProgress: ({ step }) => console.log(`… ${step}`) },
);
console.log(isCreated ? `created ${agentId}` : `updated ${agentId}`);
for (const { name, outcome } of files) console.log(`${name}: ${outcome}`);
console.log(`woken: ${wake?.status ?? "no"}`);
await client.disconnect();
