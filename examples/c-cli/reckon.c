/* reckon: a calculator for the command line.
 *
 *     reckon '2 * (3 + 4)'          14
 *     reckon -x '1 << 10 | 0xff'    0x4ff
 *
 * Grammar, loosest first; ^ is power and binds to the right:
 *
 *     or      = shift { "|" shift }
 *     shift   = sum { ("<<" | ">>") sum }
 *     sum     = product { ("+" | "-") product }
 *     product = unary { ("*" | "/" | "%") unary }
 *     unary   = "-" unary | power
 *     power   = atom [ "^" unary ]
 *     atom    = number | name | name "(" or ")" | "(" or ")"
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 };

static const double PI = 3.14159265358979323846;

struct input {
    const char *text, *at;
    int depth;
};

_Noreturn static void fail(const struct input *in, const char *message)
{
    fprintf(stderr, "%s\n%*s^ %s\n", in->text, (int)(in->at - in->text), "", message);
    exit(1);
}

static void skip_space(struct input *in)
{
    while (isspace((unsigned char)*in->at)) in->at++;
}

static bool accept(struct input *in, const char *token)
{
    skip_space(in);
    size_t length = strlen(token);
    if (strncmp(in->at, token, length) != 0) return false;
    in->at += length;
    return true;
}

/* For operators on whole numbers. */
static long long whole(const struct input *in, double value)
{
    if (!(fabs(value) < 9e15) || value != floor(value)) fail(in, "this operator wants whole numbers");
    return (long long)value;
}

static double parse_or(struct input *in);

static double parenthesised(struct input *in)
{
    if (++in->depth > MAX_DEPTH) fail(in, "too deeply nested");
    double value = parse_or(in);
    if (!accept(in, ")")) fail(in, "expected )");
    in->depth--;
    return value;
}

static const struct {
    const char *name;
    double (*apply)(double);
} functions[] = {
    {"sqrt", sqrt}, {"sin", sin}, {"cos", cos}, {"tan", tan}, {"log", log10}, {"ln", log}, {"exp", exp}, {"abs", fabs},
};

static double named(struct input *in)
{
    const char *start = in->at;
    while (isalpha((unsigned char)*in->at)) in->at++;
    size_t length = (size_t)(in->at - start);
    if (length == 2 && strncmp(start, "pi", 2) == 0) return PI;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strlen(functions[i].name) != length || strncmp(start, functions[i].name, length) != 0) continue;
        if (!accept(in, "(")) fail(in, "expected ( after a function");
        return functions[i].apply(parenthesised(in));
    }
    in->at = start;
    fail(in, "unknown name");
}

static double atom(struct input *in)
{
    skip_space(in);
    if (accept(in, "(")) return parenthesised(in);
    if (isalpha((unsigned char)*in->at)) return named(in);
    if (!isdigit((unsigned char)*in->at) && *in->at != '.') fail(in, "expected a number");
    char *end;
    double value = strtod(in->at, &end);
    if (end == in->at) fail(in, "expected a number");
    in->at = end;
    return value;
}

static double unary(struct input *in);

static double power(struct input *in)
{
    double base = atom(in);
    return accept(in, "^") ? pow(base, unary(in)) : base;
}

static double unary(struct input *in)
{
    if (++in->depth > MAX_DEPTH) fail(in, "too deeply nested");
    double value = accept(in, "-") ? -unary(in) : power(in);
    in->depth--;
    return value;
}

static double product(struct input *in)
{
    double value = unary(in);
    for (;;) {
        if (accept(in, "*")) {
            value *= unary(in);
        } else if (accept(in, "/") || accept(in, "%")) {
            bool remainder = in->at[-1] == '%';
            double by = unary(in);
            if (by == 0) fail(in, "division by zero");
            value = remainder ? fmod(value, by) : value / by;
        } else {
            return value;
        }
    }
}

static double sum(struct input *in)
{
    double value = product(in);
    for (;;) {
        if (accept(in, "+")) value += product(in);
        else if (accept(in, "-")) value -= product(in);
        else return value;
    }
}

static double shift(struct input *in)
{
    double value = sum(in);
    for (;;) {
        double sign;
        if (accept(in, "<<")) sign = 1;
        else if (accept(in, ">>")) sign = -1;
        else return value;
        value = floor(ldexp((double)whole(in, value), (int)(sign * (double)(whole(in, sum(in)) % 64))));
    }
}

static double parse_or(struct input *in)
{
    double value = shift(in);
    while (accept(in, "|")) value = (double)(whole(in, value) | whole(in, shift(in)));
    return value;
}

static int usage(FILE *to, int status)
{
    fputs("usage: reckon [-x] EXPRESSION...\n"
          "  + - * / %  ^ (power)  << >> |  ( )  pi  sqrt sin cos tan log ln exp abs\n"
          "  -x  print whole numbers in hexadecimal\n", to);
    return status;
}

int main(int count, char **arguments)
{
    bool hexadecimal = false;
    int first = 1;
    if (count > 1 && strcmp(arguments[1], "-h") == 0) return usage(stdout, 0);
    if (count > 1 && strcmp(arguments[1], "-x") == 0) hexadecimal = true, first = 2;
    if (first >= count) return usage(stderr, 64);

    for (int i = first; i < count; i++) {
        struct input in = {.text = arguments[i], .at = arguments[i]};
        double value = parse_or(&in);
        skip_space(&in);
        if (*in.at) fail(&in, "expected an operator");
        if (hexadecimal) {
            long long number = whole(&in, value);
            printf("%s0x%llx\n", number < 0 ? "-" : "", (unsigned long long)llabs(number));
        } else {
            printf("%.15g\n", value);
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
