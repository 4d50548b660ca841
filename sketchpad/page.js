// The page's entry: fills in the sentences, and loads what is mounted.
import "./draw/tab.js"; // in the same bundle, as it is needed first
import { start as startAddress } from "./ui/address.js";
import { start } from "./ui/i18n.js";

export { load } from "./ui/load.js";

start();
startAddress();
