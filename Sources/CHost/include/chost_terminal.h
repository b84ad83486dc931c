#ifndef CHOST_TERMINAL_H
#define CHOST_TERMINAL_H

/* Columns and rows of the terminal behind a descriptor; 0 when it is none (or does not say). */
int chost_terminal_size(int fd, int *columns, int *rows);

/* Bytes that bring the terminal behind `fd` back to order when the process must leave at once; NULL: nothing to do.
   The string has to outlive the process. */
void chost_terminal_restore_with(int fd, const char *bytes);

/* Calls `handler(context, signal)` on a thread of its own for the first SIGINT or SIGTERM. A second one restores the
   terminal and leaves with 128 + signal. Returns 0 or an errno. */
int chost_watch_interrupts(void (*handler)(void *context, int signal), void *context);

/* Writing to a closed pipe is EPIPE from now on. SIGPIPE is handled and not ignored, so that it is back to its default
   in whatever this process executes. */
void chost_survive_broken_pipes(void);

#endif
