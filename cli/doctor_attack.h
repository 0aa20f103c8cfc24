/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_attack.h - what the files of `doctor` share; nobody else includes it
 */
#ifndef CLI_DOCTOR_ATTACK_H
#define CLI_DOCTOR_ATTACK_H

#include "cli/cmd.h"

/* Both give the exit code. */
int attack_profile(struct cli *cli); /* argv[0] */
int attack_runner(struct cli *cli);  /* cli->name, of somebody else */

/* A member of an object: "key": "value". */
void doctor_json(struct str *out, const char *key, const char *value);

#endif
