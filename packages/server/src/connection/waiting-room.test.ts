import { expect, test } from "vitest";
import { createWaitingRoom } from "./waiting-room.ts";

const room = () => {
  const dropped: string[] = [];
  const waiting = createWaitingRoom({ total: 6, perAddress: 3 });
  const enter = (address: string, name: string, isSilent = true, isBounded = true) => {
    const socket = { isSilent, drop: () => void dropped.push(name) };
    waiting.enter(address, isBounded, socket);
    return () => waiting.leave(address, socket);
  };
  return { waiting, dropped, enter };
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
