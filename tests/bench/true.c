/* SPDX-License-Identifier: Apache-2.0 */
/*
 * true.c - the command of the benchmarks: nothing but its own start and end
 */
int main(void)
{
	return 0;
}
