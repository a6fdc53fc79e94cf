/* LD_PRELOAD: a DNS server in a test's hand. While the file named by NAMES_GONE exists every look-up of
 * a name fails as with a server that is silent; otherwise every name is this machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  lookup real = (lookup)dlsym(RTLD_NEXT, "getaddrinfo");
  const char *gone = getenv("NAMES_GONE");
  if (gone != NULL && access(gone, F_OK) == 0) return EAI_AGAIN;
  return real(name == NULL ? NULL : "127.0.0.1", service, hints, found);
}
