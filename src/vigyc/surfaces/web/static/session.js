// From the cookie the server set to who is at the dashboard and what they may do.
import { ask, post } from "./api.js";

const RANK = { read: 1, operate: 2, admin: 3 };
let known = { name: "", role: "admin" };

/** Learn who we are; a server that does not tell refuses by itself what may not be done. */
export async function learn() {
  try {
    const { data } = await ask("GET", "/session");
    if (data?.role in RANK) known = data;
  } catch (problem) {
    if (problem.status === 401) { known = { name: "", role: "read" }; throw problem; }
  }
  return known;
}

export const who = () => known;

/** Whether the role `least` is ours. */
export const may = (least) => RANK[known.role] >= RANK[least];

export const logIn = (token) => post("/login", { token });
export const logOut = () => post("/logout");
