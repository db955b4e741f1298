/* SPDX-License-Identifier: MIT */
/*
 * bench-stft: the frames of a window at 44.1 kHz, 2048 points every 512: ours (window, transform,
 * power) and the transform alone by kissfft and by FFTW, one call a frame.
 */
#include <kiss_fftr.h>
#ifdef HK_HAVE_FFTW
#include <fftw3.h>
#endif

#include "core/features/stft.h"
#include "tests/bench/bench.h"

enum { N_FFT = 2048, HOP = 512, N_FRAMES = 173, RATE_HZ = 44100 };

struct work {
	float *sound;
	struct hk_stft *stft;
	kiss_fftr_cfg kiss;
#ifdef HK_HAVE_FFTW
	fftwf_plan fftw;
#endif
	kiss_fft_cpx *spectrum; /* of the same shape as FFTW's */
	float *power;
};

static void *prepare(char **words)
{
	(void)words;
	struct work *work = bench_alloc(1, sizeof(*work));
	work->sound = bench_sound(0, N_FFT + HOP * N_FRAMES, RATE_HZ);
	work->kiss = kiss_fftr_alloc(N_FFT, 0, NULL, NULL);
	work->spectrum = bench_alloc(N_FFT / 2 + 1, sizeof(*work->spectrum));
	work->power = bench_alloc(N_FFT / 2 + 1, sizeof(*work->power));
	if (!work->kiss || hk_stft_new(&work->stft, N_FFT, N_FFT) < 0) {
		bench_fail("stft", "no memory");
	}
#ifdef HK_HAVE_FFTW
	float *in = bench_alloc(N_FFT, sizeof(*in)); /* planning overwrites it */
	work->fftw =
		fftwf_plan_dft_r2c_1d(N_FFT, in, (fftwf_complex *)work->spectrum, FFTW_MEASURE);
#endif
	return work;
}

static void run_ours(void *work_)
{
	struct work *work = work_;
	for (int t = 0; t < N_FRAMES; t++) {
		hk_stft_power(work->stft, work->sound + (size_t)t * HOP, work->power);
	}
}

static void run_kissfft(void *work_)
{
	struct work *work = work_;
	for (int t = 0; t < N_FRAMES; t++) {
		kiss_fftr(work->kiss, work->sound + (size_t)t * HOP, work->spectrum);
	}
}

#ifdef HK_HAVE_FFTW
static void run_fftw(void *work_)
{
	struct work *work = work_;
	for (int t = 0; t < N_FRAMES; t++) {
		fftwf_execute_dft_r2c(
			work->fftw, work->sound + (size_t)t * HOP, (fftwf_complex *)work->spectrum);
	}
}
#endif

const struct bench_piece bench_stft_pieces[] = {
	{ "stft", "", 0, prepare, run_ours },
	{ "stft-kissfft", "", 0, prepare, run_kissfft },
#ifdef HK_HAVE_FFTW
	{ "stft-fftw", "", 0, prepare, run_fftw },
#endif
	{ 0 },
};
