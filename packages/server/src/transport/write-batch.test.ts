import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { createWriteBatch } from "./write-batch.ts";

function createRecordingStream() {
  const writes: string[] = [];
  const stream = new Duplex({
    read() {},
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(""));
      done();
    },
  });
  return { stream, writes };
}

const nextMoment = () => new Promise<void>((resolve) => void setImmediate(resolve));

test("what is sent in one go leaves in one write, in order, for each stream", async () => {
  const batch = createWriteBatch();
  const one = createRecordingStream();
  const other = createRecordingStream();
  for (const text of ["a", "b", "c"]) {
    batch.hold(one.stream);
    one.stream.write(text);
  }
  batch.hold(other.stream);
  other.stream.write("x");
  expect(one.writes).toEqual([]);
  await nextMoment();
  batch.hold(one.stream);
  one.stream.write("d");
  await nextMoment();
  expect(one.writes).toEqual(["abc", "d"]);
  expect(other.writes).toEqual(["x"]);
});

test("a stream that ends or is destroyed while it is held disturbs nobody", async () => {
  const batch = createWriteBatch();
  const ended = createRecordingStream();
  const destroyed = createRecordingStream();
  const open = createRecordingStream();
  for (const { stream } of [ended, destroyed, open]) {
    batch.hold(stream);
    stream.write("last");
  }
  ended.stream.end();
  destroyed.stream.destroy();
  await nextMoment();
  expect(ended.writes).toEqual(["last"]);
  expect(open.writes).toEqual(["last"]);
});
