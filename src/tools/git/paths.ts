// Which paths a git command is about: one as it is spelt, and for commands that print contents all but secrets.
// The names of secrets are those of places.ts, in the only form that git takes: globs, which cannot make exceptions, so
// that `.env.example` is left out as well.

import type { CallScope } from "../../core/ports.ts";
import { isSecret } from "../places.ts";

const secretNames = [
  ".env",
  ".env.*",
  ".envrc",
  ...["ssh", "gnupg", "aws", "azure", "kube", "docker", "password-store", "oci", "databricks"].map((folder) => `.${folder}/**`),
  ...["gcloud", "gh", "hub", "op", "doctl", "rclone"].map((folder) => `.config/${folder}/**`),
  ".npmrc",
  ".pypirc",
  ".netrc",
  "_netrc",
  ".git-credentials",
  ".pgpass",
  ".my.cnf",
  ".htpasswd",
  ".vault-token",
  ".terraformrc",
  ".s3cfg",
  ".boto",
  "credentials.json",
  "service-account*.json",
  "service_account*.json",
  ...["rsa", "dsa", "ecdsa", "ed25519"].flatMap((kind) => [`id_${kind}`, `id_${kind}_sk`]),
  ...["pem", "p12", "pfx", "jks", "keystore", "kdbx", "ppk"].map((ending) => `*.${ending}`),
];

const notSecrets = secretNames.map((name) => `:(exclude,glob,icase)**/${name}`);

/** The path itself, whatever characters it has. */
export function exactly(path: string): string {
  return `:(literal)${path}`;
}

/** For a command that prints contents. A secret that is asked for by its own name has been judged before. */
export function contentPaths({ hidden }: CallScope, path?: string): string[] {
  const kept = (hidden?.globs ?? []).flatMap((glob) => [`:(exclude,glob,icase)${glob}`, `:(exclude,glob,icase)${glob}/**`]);
  if (path === undefined) return [...notSecrets, ...kept];
  return isSecret(path) ? [exactly(path), ...kept] : [exactly(path), ...notSecrets, ...kept];
}
