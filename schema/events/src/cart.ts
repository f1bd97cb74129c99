/** What cart publishes: nothing yet (CartChanged and CartAbandoned come with who hears them). */
export const cartEvents = {};
