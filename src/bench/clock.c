/*
 * Loaded before libc. The file that UNDERSTUDY_CLOCK names has two numbers of 64 bits: the seconds
 * that the clock of the day is ahead, and the nanoseconds that the monotonic clock is behind. It
 * stays mapped, so that a test may change them at any time: the second while the process is
 * stopped, so that it finds no time gone, like a virtual machine that was suspended.
 *
 * Waits for a time of the monotonic clock end when this clock says so. Those for a length of time,
 * such as epoll's, may end early after a stop; who waits so asks the clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#define NANOS 1000000000LL

static int (*real)(clockid_t, struct timespec *);
static volatile int64_t *shifts;

__attribute__((constructor)) static void begin(void) {
  real = dlsym(RTLD_NEXT, "clock_gettime");
  const char *name = getenv("UNDERSTUDY_CLOCK");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  void *map = file < 0 ? MAP_FAILED : mmap(0, 16, PROT_READ, MAP_SHARED, file, 0);
  shifts = map == MAP_FAILED ? 0 : map;
}

static struct timespec plus(struct timespec time, int64_t nanos) {
  int64_t all = time.tv_sec * NANOS + time.tv_nsec + nanos;
  return (struct timespec){.tv_sec = all / NANOS, .tv_nsec = all % NANOS};
}

int clock_gettime(clockid_t id, struct timespec *now) {
  if (!real) {
    begin();
  }
  if (!shifts) {
    return real(id, now);
  }
  int result;
  int64_t behind;
  do { // Again, if the stop was between the two readings.
    behind = shifts[1];
    result = real(id, now);
  } while (behind != shifts[1]);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += shifts[0];
  } else if (result == 0
      && (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW)) {
    *now = plus(*now, -behind);
  }
  return result;
}

/* The condition's clock is not known; a time of the monotonic one is less than 31 years. */
int pthread_cond_timedwait(
    pthread_cond_t *restrict condition,
    pthread_mutex_t *restrict mutex,
    const struct timespec *restrict until) {
  if (until->tv_sec >= NANOS) {
    return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, until);
  }
  while (1) {
    struct timespec then = plus(*until, shifts ? shifts[1] : 0);
    int result = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &then);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int early = now.tv_sec < until->tv_sec
        || (now.tv_sec == until->tv_sec && now.tv_nsec < until->tv_nsec);
    if (result != ETIMEDOUT || !early) {
      return result;
    }
  }
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *into) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (into) {
    *into = precise.tv_sec;
  }
  return precise.tv_sec;
}
