/* SPDX-License-Identifier: MIT */
/*
 * multiversion: one loop compiled for several instruction sets, chosen at run time.
 *
 * The loop is plain C over N lanes side by side, which the compiler maps to whatever registers
 * there are, so every instruction set gives the same bits. Chosen by hand and not by the compiler's
 * target_clones, whose resolvers run before the sanitizers are set up.
 */
#pragma once

#define HK_INLINE static inline __attribute__((always_inline))

/*
 * Defines the static function NAME with PARAMS, which returns what the inline function NAME_body
 * returns for ARGS (both in parentheses).
 */
#define HK_MULTIVERSION(type_, name_, params_, args_)                                              \
	HK_MULTIVERSION_(type_, name_, params_, args_, return )

/* The same for a function that returns nothing. */
#define HK_MULTIVERSION_VOID(name_, params_, args_) HK_MULTIVERSION_(void, name_, params_, args_, )

#ifdef __x86_64__
#define HK_MULTIVERSION_(type_, name_, params_, args_, return_)                                    \
	static type_ name_##_baseline params_                                                      \
	{                                                                                          \
		return_ name_##_body args_;                                                        \
	}                                                                                          \
	__attribute__((target("avx2"))) static type_ name_##_avx2 params_                          \
	{                                                                                          \
		return_ name_##_body args_;                                                        \
	}                                                                                          \
	static type_ name_ params_                                                                 \
	{                                                                                          \
		if (__builtin_cpu_supports("avx2")) {                                              \
			return_ name_##_avx2 args_;                                                \
		} else {                                                                           \
			return_ name_##_baseline args_;                                            \
		}                                                                                  \
	}
#else
#define HK_MULTIVERSION_(type_, name_, params_, args_, return_)                                    \
	static type_ name_ params_                                                                 \
	{                                                                                          \
		return_ name_##_body args_;                                                        \
	}
#endif
