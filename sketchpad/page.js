// The page's entry: fills in the sentences, and loads the Draw tab's modules before the pad is mounted.
import { start } from "./ui/i18n.js";
import "./draw/tab.js";

start();
