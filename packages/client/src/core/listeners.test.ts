import { expect, test, vi } from "vitest";
import { createListeners } from "./listeners.ts";

test("a listener that throws is reported and keeps nobody from hearing", () => {
  const reported: (() => void)[] = [];
  const spy = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((report) => void reported.push(report));
  const heard: number[] = [];
  const listeners = createListeners<number>();
  listeners.add(() => {
    throw new Error("bad listener");
  });
  listeners.add((value) => heard.push(value));
  listeners.call(1);
  spy.mockRestore();
  expect(heard).toEqual([1]);
  expect(reported).toHaveLength(1);
  expect(reported[0]).toThrow("bad listener");
});

test("one function added twice is two listeners; who comes during a call hears the next", () => {
  const heard: number[] = [];
  const listeners = createListeners<number>();
  const hear = (value: number): void => void heard.push(value);
  const off = listeners.add(hear);
  listeners.add(hear);
  listeners.add(() => listeners.add((value) => heard.push(value * 10)));
  listeners.call(1);
  expect(heard).toEqual([1, 1]);
  off();
  listeners.call(2);
  expect(heard).toEqual([1, 1, 2, 20]);
});
