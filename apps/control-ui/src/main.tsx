import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { createController } from "./app/controller.ts";
import { ControllerContext } from "./app/use-app.ts";
import { preloadMarkdown } from "./features/chat/markdown.tsx";
import "./styles.css";

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root");

const controller = createController(window);
controller.link.start();
preloadMarkdown();

createRoot(root).render(
  <StrictMode>
    <ControllerContext value={controller}>
      <App />
    </ControllerContext>
  </StrictMode>,
);
