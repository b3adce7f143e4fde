import { expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { createWaitingRoom } from "./waiting-room.ts";

const room = () => {
  const dropped: string[] = [];
  const clock = createManualClock();
  const waiting = createWaitingRoom(clock, { total: 6, patient: 4, patienceMs: 100, perAddress: 3 });
  const enter = (address: string, name: string, isSilent = true, isBounded = true) => {
    const socket = { isSilent, drop: () => void dropped.push(name) };
    return waiting.enter(address, isBounded, socket);
  };
  return { waiting, dropped, enter, clock };
};

test("an address that is full loses its own oldest silent socket, never one that speaks or belongs to others", () => {
  const { waiting, dropped, enter } = room();
  enter("b", "bystander");
  enter("a", "speaking", false);
  for (const name of ["a1", "a2", "a3", "a4"]) enter("a", name);
  expect(dropped).toEqual(["a1", "a2"]);
  expect(waiting.size).toBe(4);
});

test("a full room drops from whoever has most, this machine too", () => {
  const { waiting, dropped, enter } = room();
  for (let index = 0; index < 5; index++) enter("127.0.0.1", `local ${index}`, true, false);
  enter("b", "b");
  enter("c", "c");
  expect(dropped).toEqual(["local 0"]);
  expect(waiting.size).toBe(6);
});

test("who leaves makes room, and leaving twice counts once", () => {
  const { waiting, dropped, enter } = room();
  const leave = enter("a", "a1");
  leave();
  leave();
  expect(waiting.size).toBe(0);
  for (const name of ["a2", "a3", "a4"]) enter("a", name);
  expect(dropped).toEqual([]);
});

test("of a crowd that does not speak for a while only a few stay; one that has just come is let in", () => {
  const { waiting, dropped, enter, clock } = room();
  for (let index = 0; index < 6; index++) enter("127.0.0.1", `early ${index}`, true, false);
  expect(dropped).toEqual([]);
  clock.advance(101);
  enter("127.0.0.1", "late", true, false);
  expect(dropped).toEqual(["early 0", "early 1", "early 2"]);
  expect(waiting.size).toBe(4);
});
