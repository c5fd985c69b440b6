#ifndef SNAPWARDEN_CMICROHTTPD_H
#define SNAPWARDEN_CMICROHTTPD_H
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

/* MHD_start_daemon and MHD_get_daemon_info are variadic, which Swift cannot call. */

/* A server on 127.0.0.1 with one thread of its own on epoll; port 0 takes a free one. */
static inline struct MHD_Daemon *shim_mhd_start(
    uint16_t port, MHD_AccessHandlerCallback handler, void *(*begin)(void *, const char *, struct MHD_Connection *),
    MHD_RequestCompletedCallback end, void *context) {
  struct sockaddr_in address = {0};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD, port, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, &address,
      MHD_OPTION_URI_LOG_CALLBACK, begin, context, MHD_OPTION_NOTIFY_COMPLETED, end, context,
      MHD_OPTION_CONNECTION_TIMEOUT, 300u, MHD_OPTION_END);
}

/* The port that the server listens on; 0 if it is not known. */
static inline uint16_t shim_mhd_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

#endif
