// The page's entry: its sentences, and the Draw tab's modules early enough to be there when the pad is mounted.
import { start } from "./ui/i18n.js";
import "./draw/index.js";

start();
