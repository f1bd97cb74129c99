/** Who can log in to the demo shop. */
export const demoPassword = "demo-password-1";

export const demoPeople = [
  { email: "customer@shop.test", name: "Casey Customer", roles: ["CUSTOMER"] },
  { email: "second@shop.test", name: "Sam Second", roles: ["CUSTOMER"] },
  { email: "seller@shop.test", name: "Selma Seller", roles: ["CUSTOMER", "SELLER"] },
  { email: "moderator@shop.test", name: "Mo Moderator", roles: ["CUSTOMER", "MODERATOR"] },
  { email: "staff@shop.test", name: "Stacey Staff", roles: ["CUSTOMER", "STAFF"] },
].map((person) => ({ ...person, password: demoPassword }));
