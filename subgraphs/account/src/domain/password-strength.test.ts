import { expect, it } from "vitest";
import { checkPassword } from "./check-sign-up.ts";

const email = "adalovelace99@example.com";
const check = (password: string) => checkPassword(password, email, ["newPassword"], "Ada Lovelace");

it.each([
  ...["pass word", "pass-word", "p.a.s.s.w.o.r.d", "P_a-s_s-W_o-R_d", "p a s s w o r d", "pass.word.123"],
  ...[
    "Password2026!",
    "Password!2026",
    "!!Password!!",
    "2026-Password",
    "P@$$w0rd2026!",
    "P@ssw0rd#1",
    "Pass@word1",
  ],
  ...["PASSWORD\u00a02026", "ｐａｓｓ－ｗｏｒｄ", "pässwörd!", "drowssap2026!", "MyPassword2026!"],
  ...[
    "contraseña",
    "Contrasena1!",
    "contraseña2026",
    "пароль123",
    "Пароль-2026!",
    "п.а.р.о.л.ь.1",
    "motdepasse1",
    "Mot de passe!",
  ],
  ...[
    "Passwort2026!",
    "Kennwort#12",
    "wachtwoord!1",
    "lösenord99",
    "salasana123",
    "hasło12345",
    "heslo-2026",
  ],
  ...["şifre12345", "ŞİFRE2026!", "senha12345", "palavra-passe", "mật khẩu 1", "κωδικός123", "סיסמה1234"],
  ...[
    "密码123456",
    "パスワード123",
    "비밀번호1234",
    "รหัสผ่าน123",
    "पासवर्ड123",
    "йцукен123!",
    "ich liebe dich",
  ],
  ...[
    "AdaLovelace!",
    "ada.lovelace",
    "Lovelace1815",
    "1815!Lovelace!Ada",
    "L0v3l4c3!!",
    "ecalevol99",
    "adalovelace99!",
  ],
  ...[
    "example.com!",
    "LovelacePassword1",
    "demo-password-1",
    "Demo-Password-2!",
    "shop.test",
    "SHOP_TEST_2026",
  ],
  ...["ecommerce-supergraph", "Supergraph2026!", "ShopPassword2026!", "Shop-Demo-Password-26"],
  ...[
    "Welcome2026!",
    "Summer-2026!",
    "Sommer2026!",
    "admin#2026!",
    "qwerty-2026",
    "i-love-you!",
    "dragon!123",
  ],
  ...["30.11.1987!", "1-2-3-4-5-6-7-8", "111-222-333", "a-b-c-d-e-f-g-h", "abc-123-abc-123"],
])("refuses %j", (password) => expect(check(password)).toMatchObject([{ code: "WEAK_PASSWORD" }]));

it.each([
  ...[
    "correct horse battery staple",
    "tangerine-fog-violin-marsh",
    "Seven wet umbrellas sing",
    "velvet.otter.ladder.plum",
  ],
  ...[
    "the secret of my winter garden",
    "ada rows over quiet lakes",
    "workshop bench lantern oak",
    "PurpleKettleJumpsNorth",
  ],
  ...["spring rolls and summer rain", "my password is a long river"],
  ...[
    "x9#kQ2!zLm",
    "G7vq-Rt2m-Xp",
    "hT4$w9Lq@e",
    "!q#Z&8_k?Rw",
    "zkqwvbnxrt",
    "84-63-20-95-17-x",
    "a!b@c#d$e%f^7",
    "T%y7(kP)2m=Q",
  ],
  ...["jX2mPassQv8t", "pQ7wd0n3zKt8v", "-k_7.Wq,9/Zr;", "nE5o2hY8cU"],
  ...[
    "пароль из трёх слов",
    "кот спит на тёплой печке",
    "el gato duerme en la azotea",
    "寿司と猫と青い電車の旅",
    "四只绿色大象跳过月亮",
  ],
  ...[
    "Η γάτα κοιμάται στη στέγη",
    "القطة تنام فوق السطح",
    "החתול ישן על הגג החם",
    "고양이가 지붕에서 잔다",
    "बिल्ली छत पर सो रही है",
  ],
  ...["แมวนอนบนหลังคาบ้าน", "🦊🌵🎻🚀🍕🐢🎲🧊", "größere Würfel rollen leise"],
])("takes %j", (password) => expect(check(password)).toEqual([]));

it("takes less than 50 ms of work for the most twisted password", () => {
  check("warm up the lists");
  const twisted = [
    "p@$$w0rd",
    "4@8({[<3",
    "p@$$w0rd1!4@8({[<36!1|0$57+2%",
    "20012002",
    "a1!",
    "l0v3l4c3@",
    "1!|l",
  ];
  twisted.push(
    "кΩ1@ж$",
    "s.5.$.z.2",
    "pa55w0rd-",
    "\u00e91\u0301!",
    "0o()[]{}<>",
    "ab12cd34",
    "密a1",
    "19.87.20-",
  );
  twisted.push("а1ааа@111@1а1ажж11@ж");
  const took = twisted.map((part) => {
    const password = part.repeat(200).slice(0, 200);
    const times = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      check(password);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    });
    // The minimum of three runs, because garbage collection and compilation count too.
    return { part, ms: Math.min(...times) };
  });
  expect(took.filter(({ ms }) => ms >= 50)).toEqual([]);
});
