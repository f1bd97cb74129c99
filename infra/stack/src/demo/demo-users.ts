/** The password of all demo users; the demo alone has it. */
export const demoPassword = "demo-password-1";

/** The users of a demo shop; account makes them at its start (BOOTSTRAP_USERS). */
export const demoUsers = [
  { email: "customer@shop.test", name: "Charlie Customer", roles: ["CUSTOMER"] },
  { email: "second@shop.test", name: "Sam Second", roles: ["CUSTOMER"] },
  { email: "seller@shop.test", name: "Sina Seller", roles: ["CUSTOMER", "SELLER"] },
  { email: "moderator@shop.test", name: "Mo Moderator", roles: ["CUSTOMER", "MODERATOR"] },
  { email: "staff@shop.test", name: "Stella Staff", roles: ["CUSTOMER", "STAFF"] },
].map((user) => ({ ...user, password: demoPassword }));
