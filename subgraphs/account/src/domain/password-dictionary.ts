/** The shop's own words: its names, its address, the demo's password. */
const shopWords = ["shop", "ecommerce", "supergraph", "demo", "shop test", "demo password 1"];

/** "Password" in some 40 languages; the list of common passwords has it in English alone. */
const passwordWords = [
  ...["password", "passwd", "passphrase", "passcode", "secret", "passwort", "kennwort", "geheim"],
  ...["mot de passe", "motdepasse", "secreto", "contraseña", "clave", "senha", "palavra passe", "parola"],
  ...["wachtwoord", "lösenord", "passord", "adgangskode", "kodeord", "salasana", "lykilorð", "parool"],
  ...["slaptažodis", "parole", "hasło", "heslo", "jelszó", "geslo", "lozinka", "fjalëkalimi", "parol"],
  ...["şifre", "sifra", "mật khẩu", "kata sandi", "kata laluan", "nenosiri", "wagwoord", "contrasenya"],
  ...["пароль", "парола", "лозинка", "шифра", "секрет", "κωδικός", "συνθηματικό", "գաղտնաբառ", "პაროლი"],
  ...["סיסמה", "סיסמא", "كلمة السر", "كلمة المرور", "رمز عبور", "گذرواژه", "پاس ورڈ"],
  ...[
    "पासवर्ड",
    "পাসওয়ার্ড",
    "கடவுச்சொல்",
    "รหัสผ่าน",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "暗証番号",
    "비밀번호",
    "암호",
  ],
];

/** Other common choices outside English: greetings, love, and rows of keys. */
const commonWords = [
  ...["welcome", "willkommen", "bienvenue", "bienvenido", "bemvindo", "benvenuto", "admin", "administrator"],
  ...["hallo", "bonjour", "hola", "merhaba", "привет", "你好", "こんにちは", "안녕하세요", "مرحبا", "नमस्ते"],
  ...[
    "i love you",
    "ich liebe dich",
    "je t'aime",
    "te quiero",
    "te amo",
    "ti amo",
    "eu te amo",
    "kocham cie",
  ],
  ...["seni seviyorum", "люблю", "любовь", "я тебя люблю", "我爱你", "愛してる", "사랑해"],
  ...[
    "qwerty",
    "qwertz",
    "azerty",
    "йцукен",
    "йцукенгшщз",
    "фыва",
    "фывапролдж",
    "ячсмить",
    "ασδφ",
    "ㅂㅈㄷㄱ",
  ],
  ...["summer", "winter", "autumn", "spring", "sommer", "herbst", "frühling", "été", "hiver", "verano"],
  ...["invierno", "estate", "inverno", "лето", "зима", "весна", "осень"],
];

/** Words of weak passwords, in any spelling and with spaces between their parts. */
export const passwordDictionary: readonly string[] = [...shopWords, ...passwordWords, ...commonWords];
