import type { OpenSocket } from "@openclaw-gateway/client";
import { describeFrame, describeText } from "./redact.ts";

/** The same socket, with every frame told, secrets taken out. */
export function traceSocket(openSocket: OpenSocket, tell: (line: string) => void): OpenSocket {
  return (url, listener, limits) => {
    tell(`connecting to ${describeText(url)}`);
    const socket = openSocket(
      url,
      {
        onOpen: () => {
          tell("connected");
          listener.onOpen();
        },
        onMessage: (text) => {
          tell(`← ${describeFrame(text)}`);
          listener.onMessage(text);
        },
        onClose: (code, reason, error) => {
          tell(`closed ${code}${reason === "" ? "" : ` ${reason}`}${error === undefined ? "" : `: ${error.message}`}`);
          listener.onClose(code, reason, error);
        },
      },
      limits,
    );
    return {
      send: (text) => {
        tell(`→ ${describeFrame(text)}`);
        socket.send(text);
      },
      close: (code, reason) => socket.close(code, reason),
    };
  };
}
