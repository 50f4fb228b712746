import {
  fuzzedImage,
  fuzzedProfile,
  fuzzedWords,
  levelTwoLayouts,
  releasedLevelTwo,
} from "../reliability/level-two.ts";
import { dataFolder, owned } from "../unit/store/books.ts";
import { cases, scaled, type Figure } from "./figure.ts";

export const figure: Figure = {
  number: 7,
  what: "roads to read protection level 2: profiles, option words, records of an image",
  target: "10 000 tries, no write without its word in a released profile; with it 1 of 1",
  async run(share) {
    const store = owned(dataFolder());
    let asked = 0;
    let allowed = 0;
    const profiles = await cases("profiles", scaled(4000, share), async (i) => {
      const one = await fuzzedProfile(store, i);
      if (one.asked) asked += 1;
      if (one.end === "ran to level 2") allowed += 1;
    });
    const layouts = levelTwoLayouts();
    const words = await cases("option words", scaled(4000, share), (i) => fuzzedWords(layouts, i));
    const images = await cases("images", scaled(2000, share), fuzzedImage);
    const control = await cases("released profile that does it", 1, releasedLevelTwo);
    const all = [profiles, words, images, control];
    return {
      counts: all.map(({ count }) => count),
      facts: [`${asked} profiles asked, ${allowed} were released for it`],
      broken: all.flatMap(({ broken }) => broken),
    };
  },
};
