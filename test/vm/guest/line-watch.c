// line-watch VALUE_FILE SECONDS: reads a gpio-sim line every 5 ms and prints each change and the first level:
// CLOCK_MONOTONIC ns, level.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 3) return fprintf(stderr, "usage: line-watch VALUE_FILE SECONDS\n"), 2;
	int fd = open(argv[1], O_RDONLY);
	if (fd < 0) return perror(argv[1]), 1;
	char now, before = 0;
	struct timespec t = { 0, 5000000 }, w;
	long long end = 0, at;
	do {
		if (pread(fd, &now, 1, 0) != 1) return perror("read"), 1;
		clock_gettime(CLOCK_MONOTONIC, &w);
		at = w.tv_sec * 1000000000LL + w.tv_nsec;
		if (!end) end = at + atoll(argv[2]) * 1000000000LL;
		if (now != before) printf("%lld %c\n", at, now);
		before = now;
		nanosleep(&t, NULL);
	} while (at < end);
	return 0;
}
