//! NAVER Cloud, Classic and VPC.
