/* The least that it can cost to read the NPUs of a host made by hosts.py: opens, reads and closes the files that our executable reads.

   label ROOT FOLDER   those of a pass of labels, and writes a feature file so that it survives a crash, as ours
   serve ROOT PORT     those of a scrape, at each GET, and answers with a line for each line that it has read */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, LINES = 6 };

static char *paths[65536];
static int count;

static void add(const char *root, const char *pattern, const char *const *files)
{
    char whole[PAGE];
    snprintf(whole, sizeof whole, "%s/sys/%s", root, pattern);
    glob_t found;
    if (glob(whole, GLOB_NOSORT, NULL, &found) != 0)
        errx(1, "nothing is like %s", whole);
    for (size_t entry = 0; entry < found.gl_pathc; entry++)
        for (const char *const *file = files; *file; file++)
            if (count == sizeof paths / sizeof *paths || asprintf(&paths[count++], "%s%s", found.gl_pathv[entry], *file) < 0)
                errx(1, "too many files are like %s", whole);
    globfree(&found);
}

/* Found by strace. */
static void add_labels(const char *root)
{
    add(root, "class/npu_mgmt/npu*_mgmt", (const char *[]){
        "/platform_type", "/busname", "/device_type", "/device_uuid", "/device_sn", "/version", "/fw_version", "/dev", "/alive",
        "/soc_rev", NULL });
    add(root, "bus/pci/devices/*", (const char *[]){ "/numa_node", NULL });
    add(root, "class/dmi/id", (const char *[]){ "/sys_vendor", "/product_name", NULL });
}

static void add_sensors(const char *root)
{
    add(root, "class/npu_mgmt/npu*_mgmt", (const char *[]){
        "/heartbeat", "/atr_error", "/ne_clk_freq_info", "/performance_mode", "/cur_pe_ids", NULL });
    add(root, "class/npu_mgmt/npu*pe*", (const char *[]){ "/perf_regs", NULL });
    static const char *const sensors[] = { "temp*_input", "in*_input", "curr*_input", "power*_average" };
    for (size_t sensor = 0; sensor < sizeof sensors / sizeof *sensors; sensor++) {
        char pattern[64];
        snprintf(pattern, sizeof pattern, "bus/pci/devices/*/hwmon/hwmon*/%s", sensors[sensor]);
        add(root, pattern, (const char *[]){ "", NULL });
    }
}

static void read_file(const char *path, char *text)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, PAGE - 1);
    if (length < 0)
        err(1, "%s", path);
    text[length] = 0;
    close(file);
}

static void label(const char *root, const char *folder)
{
    add_labels(root);
    char text[PAGE], staging[PAGE - 64], staged[PAGE], target[PAGE];
    int cards = 0;
    for (int index = 0; index < count; index++) {
        read_file(paths[index], text);
        cards += strstr(paths[index], "/device_uuid") != NULL;
    }

    snprintf(staging, sizeof staging, "%s/.floor.d", folder);
    snprintf(staged, sizeof staged, "%s/new", staging);
    snprintf(target, sizeof target, "%s/npu-feature-discovery", folder);
    mkdir(staging, 0755);
    int file = open(staged, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int parent = open(folder, O_RDONLY | O_CLOEXEC);
    if (file < 0 || parent < 0 || dprintf(file, "beta.furiosa.ai/npu.count=%d\n", cards) < 0 || fsync(file) != 0
        || rename(staged, target) != 0 || fsync(parent) != 0)
        err(1, "%s", target);
}

/* floor_temp{file="...",line="0"} 35500 */
static char *add_lines(char *end, const char *path, char *text)
{
    const char *name = strrchr(path, '/') + 1;
    char *rest, *line = strtok_r(text, "\n", &rest);
    for (int number = 0; number < LINES && line; number++, line = strtok_r(NULL, "\n", &rest))
        end += sprintf(end, "floor_%.*s{file=\"%s\",line=\"%d\"} %ld\n", (int)strcspn(name, "0123456789_"), name, path, number,
                       strtol(line + strcspn(line, "0123456789"), NULL, 10));
    return end;
}

static void answer(int client)
{
    static char body[1 << 26];
    char text[PAGE], head[128], *end = body;
    for (int index = 0; index < count; index++) {
        read_file(paths[index], text);
        end = add_lines(end, paths[index], text);
    }

    int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %td\r\n\r\n", end - body);
    if (send(client, head, length, MSG_MORE | MSG_NOSIGNAL) < 0)
        return;
    for (char *at = body; at < end;) {
        ssize_t sent = send(client, at, end - at, MSG_NOSIGNAL);
        if (sent < 0)
            return;
        at += sent;
    }
}

static void serve(const char *root, int port)
{
    add_sensors(root);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0)
        err(1, "port %d", port);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        char request[PAGE];
        /* A request of the comparison comes whole. */
        while (recv(client, request, sizeof request, 0) > 0)
            answer(client);
        close(client);
    }
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "label") == 0)
        label(argv[2], argv[3]);
    else if (argc == 4 && strcmp(argv[1], "serve") == 0)
        serve(argv[2], atoi(argv[3]));
    else
        errx(2, "label ROOT FOLDER | serve ROOT PORT");
    return 0;
}
