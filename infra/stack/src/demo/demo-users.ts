/** The password of everyone in the demo; nobody has it outside. */
export const demoPassword = "demo-password-1";

/** Those whom a demo shop knows; account makes them at its start (BOOTSTRAP_USERS). */
export const demoUsers = [
  { email: "customer@shop.test", name: "Charlie Customer", roles: ["CUSTOMER"] },
  { email: "second@shop.test", name: "Sam Second", roles: ["CUSTOMER"] },
  { email: "seller@shop.test", name: "Sina Seller", roles: ["CUSTOMER", "SELLER"] },
  { email: "moderator@shop.test", name: "Mo Moderator", roles: ["CUSTOMER", "MODERATOR"] },
  { email: "staff@shop.test", name: "Stella Staff", roles: ["CUSTOMER", "STAFF"] },
].map((person) => ({ ...person, password: demoPassword }));
