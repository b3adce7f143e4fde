import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";
import { createGatewayFixture } from "./gateway-fixture.ts";
import { createTelephone } from "./telephone.ts";

describeInBrowser("the dashboard: devices that wait", (suite) => {
  test("are shown by the name they give themselves, as text, and let in or refused", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const telephone = createTelephone(own.origin, "<img src=x onerror=alert(1)> phone");
    const first = telephone(["operator.read"]);
    await first.connect();
    await first.close();
    const chat = await suite.openChat({}, own);
    const section = chat.page.getByRole("region", { name: "Devices waiting for approval" });
    expect(await section.count()).toBe(0);

    const refused = telephone(["operator.read", "operator.write"]);
    await expect(refused.connect()).rejects.toThrow(/pairing required/);
    await section.getByText("<img src=x onerror=alert(1)> phone").waitFor();
    await section.getByText("asks to read, write").waitFor();
    expect(await section.locator("img").count()).toBe(0);
    await section.getByRole("button", { name: "Approve" }).click();
    await section.waitFor({ state: "detached" });
    const admitted = telephone(["operator.read", "operator.write"]);
    await admitted.connect();

    const greedy = telephone(["operator.admin"]);
    await expect(greedy.connect()).rejects.toThrow(/pairing required/);
    await section.getByText("asks for full control of this gateway").waitFor();
    await section.getByRole("button", { name: "Reject" }).click();
    await section.waitFor({ state: "detached" });
    for (const client of [refused, admitted, greedy]) await client.close();
    await chat.close();
  });
});
