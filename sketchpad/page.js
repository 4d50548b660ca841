// The page's entry: fills in the sentences, and loads the Draw tab's modules before the pad is mounted.
import { start as startAddress } from "./ui/address.js";
import { start } from "./ui/i18n.js";
import "./ui/load.js";
import "./draw/tab.js";

start();
startAddress();

// Then the other tabs' modules: a tab that is opened while the server is away can say so.
const later = () => {
  for (const module of ["inside/tab", "architectures/tab", "training/tab", "play/tab", "lesson/lesson"]) {
    import(`./${module}.js`).catch(() => {}); // load.js asks for it again
  }
};
if (document.readyState === "complete") later();
else addEventListener("load", later);
