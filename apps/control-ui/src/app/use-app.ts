import { createContext, use, useSyncExternalStore } from "react";
import type { AppState } from "./app-state.ts";
import type { Controller } from "./controller.ts";

/** Gives the components of a page their controller. */
export const ControllerContext = createContext<Controller | undefined>(undefined);

export function useController(): Controller {
  const controller = use(ControllerContext);
  if (controller === undefined) throw new Error("rendered outside of ControllerContext");
  return controller;
}

/** One part of the state; `select` must return the same object while that part is the same. */
export function useAppState<T>(select: (state: AppState) => T): T {
  const { store } = useController();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
