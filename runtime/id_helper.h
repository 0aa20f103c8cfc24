/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id_helper.h - newuidmap and newgidmap, which map subordinate ids
 */
#ifndef RUNTIME_ID_HELPER_H
#define RUNTIME_ID_HELPER_H

#include "runtime/ids.h"

/* 0 or an errno; what the program said is then in run->ids_said. */
int id_helper_map(struct run *run, const struct id_map *map);

#endif
