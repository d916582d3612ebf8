/*
 * The health check of both images: `healthcheck PORT` ends with 0 if http://127.0.0.1:PORT/health says 200 within
 * 2.5 s, else with 1 and a line that says what it found.
 *
 * Docker only marks a container whose process hangs. So once the check has failed for 60 s, it asks all processes for a
 * dump of their threads and ends them; dumb-init ends with them, and the engine starts the container again. 60 s, so
 * that a slow start is not taken for a hang. /health has no dependency in it: what is merely down ends nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Is there while the check fails; its date says since when. */
#define UNHEALTHY "/tmp/unhealthy"

static void ignore(int number) { (void)number; }

/* The status line of the answer, or what came in its place. */
static const char *ask(int port, char *answer, size_t size) {
  static const char request[] = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((in_port_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const struct sigaction interrupt = {.sa_handler = ignore};
  /* Interrupts whatever blocks after 2.5 s; and again, for the first time may be between two calls. */
  const struct itimerval deadline = {.it_value = {2, 500000}, .it_interval = {0, 10000}}, none = {0};
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  size_t length = 0;
  ssize_t count = -1;

  sigaction(SIGALRM, &interrupt, NULL);
  setitimer(ITIMER_REAL, &deadline, NULL);
  if (connect(server, (const struct sockaddr *)&address, sizeof address) == 0 &&
      send(server, request, sizeof request - 1, MSG_NOSIGNAL) == sizeof request - 1)
    while ((count = recv(server, answer + length, size - 1 - length, 0)) > 0)
      length += (size_t)count;
  setitimer(ITIMER_REAL, &none, NULL);
  if (count < 0)
    return errno == EINTR ? "no answer" : strerror(errno);
  answer[strcspn(answer, "\r\n")] = '\0';
  return answer;
}

/* For how many seconds the check has failed. */
static long failing(void) {
  struct stat since;
  const int file = open(UNHEALTHY, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  if (file >= 0)
    close(file);
  return stat(UNHEALTHY, &since) == 0 ? (long)(time(NULL) - since.st_mtime) : 0;
}

/* In a process of its own: Docker ends this one after 3 s. */
static void end_all(void) {
  const int log = open("/proc/1/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);

  if (fork() > 0)
    return;
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  /* What the next start finds must not be the date of this failure. */
  unlink(UNHEALTHY);
  /* In the form of the service's own lines; the log of the health check is gone with the container. */
  dprintf(log, "{\"log\":{\"level\":\"ERROR\",\"logger\":\"healthcheck\"},\"message\":\"/health failed for 60 s: "
               "ending all processes after a dump of their threads\"}\n");
  kill(1, SIGCONT);
  kill(-1, SIGQUIT);
  sleep(1);
  kill(-1, SIGKILL);
  _exit(1);
}

int main(int count, char **arguments) {
  char answer[1024] = "";
  const int port = count == 2 ? atoi(arguments[1]) : 0;
  const char *found;

  if (port < 1 || port > 65535) {
    puts("Expected one argument, a port from 1 to 65535: healthcheck PORT");
    return 1;
  }
  found = ask(port, answer, sizeof answer);
  if (strncmp(found, "HTTP/1.1 200", 12) == 0) {
    unlink(UNHEALTHY);
    return 0;
  }
  printf("http://127.0.0.1:%d/health: expected HTTP/1.1 200 within 2.5 s, found: %s\n", port, found);
  fflush(stdout);
  if (failing() >= 60)
    end_all();
  return 1;
}
