import type { OpenSocket } from "@openclaw-gateway/client";
import type { InstalledGateway } from "@openclaw-gateway/server";

/** The transport of a client that lives in the gateway's own process. */
export function memoryOpener({ connectMemory }: Pick<InstalledGateway, "connectMemory">): OpenSocket {
  return (_url, listener) => {
    let link: ReturnType<typeof connectMemory> | undefined;
    let isClosed = false;
    const end = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      listener.onClose(code, reason);
    };
    queueMicrotask(() => {
      if (isClosed) return;
      listener.onOpen();
      link = connectMemory({
        onMessage: (data) => listener.onMessage(Buffer.from(data).toString("utf8")),
        onPong: () => {},
        onClose: end,
      });
    });
    return {
      send: (text) => link?.send(text),
      close: (code, reason) => {
        if (link) link.close(code, reason);
        else queueMicrotask(() => end(code, reason));
      },
    };
  };
}
