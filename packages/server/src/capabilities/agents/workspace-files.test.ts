import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentFileName, listWorkspaceFiles, readWorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

let folder: string;
let workspace: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "workspace-files-"));
  workspace = join(folder, "workspace");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(["../x", "evil.sh", "agents.md", "sub/AGENTS.md", "/etc/passwd", "AGENTS.md\0", "", "toString"])(
  "%j is not a note",
  (name) => {
    expect(() => agentFileName(name)).toThrow(`unsupported file "${name}"`);
  },
);

test("a workspace that does not exist has nothing but missing notes, and is made by the first write", async () => {
  expect((await listWorkspaceFiles(workspace)).map(({ name, missing }) => `${name} ${missing}`)).toEqual([
    "AGENTS.md true",
    "SOUL.md true",
    "TOOLS.md true",
    "IDENTITY.md true",
    "USER.md true",
    "HEARTBEAT.md true",
    "BOOTSTRAP.md true",
    "MEMORY.md true",
  ]);
  expect(await readWorkspaceFile(workspace, "MEMORY.md")).toEqual({
    name: "MEMORY.md",
    path: join(workspace, "MEMORY.md"),
    missing: true,
  });
  const written = await writeWorkspaceFile(workspace, "USER.md", "# Ünï\n");
  expect(written).toMatchObject({
    name: "USER.md",
    path: join(workspace, "USER.md"),
    missing: false,
    size: 8,
    content: "# Ünï\n",
  });
  expect(await readWorkspaceFile(workspace, "USER.md")).toEqual(written);
  expect((await listWorkspaceFiles(workspace)).find(({ name }) => name === "USER.md")).toMatchObject({
    missing: false,
    size: 8,
    updatedAtMs: written.updatedAtMs,
  });
});

test("a write is private and leaves no draft behind", async () => {
  await writeWorkspaceFile(workspace, "SOUL.md", "one");
  await writeWorkspaceFile(workspace, "SOUL.md", "two");
  expect((await stat(join(workspace, "SOUL.md"))).mode & 0o777).toBe(0o600);
  expect(await readdir(workspace)).toEqual(["SOUL.md"]);
});

test("what is read while it is written is always whole", async () => {
  const [one, two] = ["1".repeat(200_000), "2".repeat(200_000)];
  await writeWorkspaceFile(workspace, "SOUL.md", one);
  const writes = (async () => {
    for (let round = 0; round < 10; round += 1) await writeWorkspaceFile(workspace, "SOUL.md", round % 2 ? one : two);
    return "written";
  })();
  let isWriting = true;
  void writes.then(() => (isWriting = false));
  while (isWriting) expect([one, two]).toContain((await readWorkspaceFile(workspace, "SOUL.md")).content);
  expect(await writes).toBe("written");
});

describe("links", () => {
  beforeEach(async () => {
    await mkdir(workspace);
    await writeFile(join(folder, "secret.txt"), "secret");
  });

  test.each(["../secret.txt", "../not-there"])(
    "a note that is a link to %s is neither shown, read nor written",
    async (target) => {
      await symlink(target, join(workspace, "USER.md"));
      expect((await listWorkspaceFiles(workspace)).find(({ name }) => name === "USER.md")).toMatchObject({
        missing: true,
      });
      await expect(readWorkspaceFile(workspace, "USER.md")).rejects.toThrow('"USER.md" leads outside the workspace');
      await expect(writeWorkspaceFile(workspace, "USER.md", "mine")).rejects.toThrow(
        '"USER.md" leads outside the workspace',
      );
      expect(await readFile(join(folder, "secret.txt"), "utf8")).toBe("secret");
      expect(await readdir(folder)).toEqual(["secret.txt", "workspace"]);
    },
  );

  test("a link to itself and a folder are no notes", async () => {
    await symlink("SOUL.md", join(workspace, "SOUL.md"));
    await mkdir(join(workspace, "TOOLS.md"));
    await expect(readWorkspaceFile(workspace, "SOUL.md")).rejects.toThrow("leads outside");
    expect(await readWorkspaceFile(workspace, "TOOLS.md")).toMatchObject({ missing: true });
    await expect(writeWorkspaceFile(workspace, "TOOLS.md", "x")).rejects.toThrow('"TOOLS.md" cannot be written');
  });

  test("a link inside the workspace is followed and stays a link", async () => {
    await writeFile(join(workspace, "shared.md"), "old");
    await symlink("shared.md", join(workspace, "AGENTS.md"));
    expect(await readWorkspaceFile(workspace, "AGENTS.md")).toMatchObject({ content: "old" });
    await writeWorkspaceFile(workspace, "AGENTS.md", "new");
    expect(await readFile(join(workspace, "shared.md"), "utf8")).toBe("new");
  });

  test("the workspace itself may be reached by a link", async () => {
    await symlink("workspace", join(folder, "link"));
    await writeWorkspaceFile(join(folder, "link"), "USER.md", "mine");
    expect(await readFile(join(workspace, "USER.md"), "utf8")).toBe("mine");
  });
});
