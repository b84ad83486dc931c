#ifndef CHOST_H
#define CHOST_H

/* What Swift cannot call: variadic system calls, clone with a child that must not run Swift, ioctls. */

#endif
