// On the page of sign-in nobody is signed in: the board that was kept on the device goes.

import { BoardKeeper } from "./board-keep.js";

void BoardKeeper.forget();
